// SPDX-License-Identifier: Apache-2.0
import Corpora
import EmotionEncoder
import EmotionStream

/// The sounds of a recording as the daemon cuts and pools them, for training.
struct SoundVectors {
    /// Quiet room noise before each recording, so that the noise floor is known when it begins, as it is in a stream.
    private static let leadSeconds = 1.0
    private static let leadAmplitude: Float = 0.0002

    let model: StreamModel

    /// The pooled vector `[pooledCount]` of each sound of a recording at 16 kHz.
    func sounds(of samples: [Float]) -> [[Float]] {
        var random = SplitMix64(seed: 1)
        let lead = (0..<Int(Self.leadSeconds * 16_000)).map { _ in
            Float.random(in: -Self.leadAmplitude...Self.leadAmplitude, using: &random)
        }
        let silence = [Float](repeating: 0, count: 8_000)
        var vectors: [[Float]] = []
        var pipeline = EmotionPipeline(model)
        for part in [lead, samples, silence] {
            pipeline.stepForTraining(part.span) { vectors.append($0) }
        }
        return vectors
    }
}

extension Clip {
    /// Source of the sound: the speaker, or the recording that the clip is a piece of, by its name. Pieces of one
    /// recording are numbered or lettered (`1-57316-A`), and several corpora may hold some of them.
    package var source: String {
        if let speaker { return speaker }
        let name = path.split(separator: "/").last ?? ""
        var stem = name.prefix { $0 != "." }
        while let last = stem.last, last.isNumber { stem.removeLast() }
        if stem.last?.isLetter == true, stem.dropLast().last == "-" { stem.removeLast() }
        return String(stem)
    }
}
