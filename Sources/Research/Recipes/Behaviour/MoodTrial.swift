// SPDX-License-Identifier: Apache-2.0
import Corpora
import EmotionEvents
import EmotionStream

/// Five calm clips of a speaker, then three angry ones, with pauses of 0.2 s: one turn in which the mood changes.
///
/// Each clip is trimmed to its speech. The calm clips are those that the corpus calls calm, else neutral; the angry ones
/// are those of strong intensity. Of more than enough, the first in the manifest are taken.
struct MoodTrial: Sendable {
    /// The label that is expected after the change.
    static let label = "angry"
    private static let calmCount = 5
    private static let angryCount = 3
    private static let pauseSeconds = 0.2
    /// Silence after the last clip: long enough for the final estimate.
    private static let tailSeconds = 1.0
    private static let marker = SpeechMarker(
        onsetDecibels: 28,
        offsetDecibels: 34,
        floorMarginDecibels: 8,
        fillSeconds: 0.25,
        minimumSeconds: 0.06
    )

    /// The speaker.
    let speaker: String
    private let calm: [Clip]
    private let angry: [Clip]

    /// One trial for each speaker who has clips enough, in the order of their names.
    static func trials(of clips: [Clip]) -> [MoodTrial] {
        let bySpeaker = Dictionary(grouping: clips) { $0.speaker ?? "" }
        return bySpeaker.keys.sorted().compactMap { speaker in
            let own = bySpeaker[speaker] ?? []
            let neutral = own.filter { $0.emotion == .neutral }
            let calm = (neutral.filter { $0.word == "calm" } + neutral.filter { $0.word != "calm" })
                .prefix(calmCount)
            let angry = own.filter { $0.emotion == .angry && $0.intensity ?? "strong" == "strong" }
                .prefix(angryCount)
            guard calm.count == calmCount, angry.count == angryCount else { return nil }
            return MoodTrial(speaker: speaker, calm: Array(calm), angry: Array(angry))
        }
    }

    /// Time from the onset of the first angry clip until an estimate named *angry*, in seconds; `nil` if none did.
    func delaySeconds(_ model: StreamModel) throws -> Double? {
        let (samples, onset) = try sound()
        let hop = model.hopSamples
        var pipeline = EmotionPipeline(model)
        var named: Int64?
        let angry = model.labels.firstIndex(of: Self.label)
        for start in stride(from: 0, to: samples.count - hop, by: hop) {
            let now = Int64(start + hop)
            pipeline.step(samples.span.extracting(start..<start + hop)) { event in
                if named == nil, now > onset, event.namedLabel == angry { named = now }
            }
        }
        return named.map { Double($0 - Int64(onset)) / Double(audioClockRate) }
    }

    /// The turn, and the sample at which the first angry clip begins.
    private func sound() throws -> (samples: [Float], onset: Int) {
        var samples: [Float] = []
        var onset = 0
        for (index, clip) in (calm + angry).enumerated() {
            if index == calm.count { onset = samples.count }
            samples += try Self.speech(of: clip)
            samples += silence(Self.pauseSeconds)
        }
        return (samples + silence(Self.tailSeconds), onset)
    }

    private func silence(_ seconds: Double) -> [Float] {
        [Float](repeating: 0, count: Int(seconds * Double(audioClockRate)))
    }

    private static func speech(of clip: Clip) throws -> [Float] {
        let samples = try ClipAudio.samples(of: clip, sampleRate: audioClockRate)
        let hop = audioClockRate / 100
        let marks = marker.mark(samples, hop: hop, sampleRate: audioClockRate)
        guard let first = marks.firstIndex(of: true), let last = marks.lastIndex(of: true) else {
            return samples
        }
        return Array(samples[first * hop..<(last + 1) * hop])
    }
}

extension EmotionEvent {
    /// The label that an interim or final estimate names.
    fileprivate var namedLabel: Int? {
        switch self {
        case .estimate(let estimate), .utteranceEnded(_, _, let estimate): estimate.verdict.label
        default: nil
        }
    }
}
