// SPDX-License-Identifier: Apache-2.0

/// A published speech detector whose probabilities, in a teacher table, mark speech for training.
///
/// Unlike the level, a detector can distinguish a voice from a door. If it finds no speech in a clip that contains some,
/// as in a whisper, the marks by level are kept.
public struct SpeechDetector: Codable, Hashable, Sendable {
    /// Name and version of the detector, as in `table.json`.
    public let encoder: String
    /// Probability from which a frame counts as speech, 0...1.
    public let threshold: Float

    /// Creates a detector with its threshold.
    public init(encoder: String, threshold: Float) { (self.encoder, self.threshold) = (encoder, threshold) }

    /// Shortest detected speech, in seconds, that replaces the marks by level.
    static let believedSeconds = 0.2

    /// One mark for each hop. The frame before detected speech is marked too: a recurrent detector is one frame late.
    func marks(_ clip: Clip, _ table: TeacherTable?, _ byLevel: [Bool], hop: Int, sampleRate: Int) -> [Bool] {
        guard let table, let found = table.vectors(of: clip), table.description.vectorSize == 1 else {
            return byLevel
        }
        let isSpeech = found.indices.map { frame in
            max(found[frame], found[min(frame + 1, found.count - 1)]) >= threshold
        }
        let samplesPerFrame = table.description.frameMilliseconds * sampleRate / 1000
        let marks = byLevel.indices.map { index in
            isSpeech[min(isSpeech.count - 1, index * hop / samplesPerFrame)]
        }
        let seconds = Double(marks.count { $0 } * hop) / Double(sampleRate)
        return seconds >= Self.believedSeconds ? marks : byLevel
    }
}
