// SPDX-License-Identifier: Apache-2.0
import EmotionEncoder
import SpeechFeatures

/// Cuts a stream of samples into hops and shows each hop to whoever looks at samples.
struct HopBuffer {
    private var samples: [Float]
    private var filled = 0

    init(sampleCount: Int) { samples = [Float](repeating: 0, count: sampleCount) }

    /// Samples in a hop.
    var count: Int { samples.count }

    /// Takes samples off the front of `source`; true when a whole hop is there, to be used before the next call.
    mutating func fill(from source: inout Span<Float>) -> Bool {
        if filled == samples.count { filled = 0 }
        let count = min(samples.count - filled, source.count)
        for index in 0..<count {
            // A driver may hand over anything; from here on a sample is a number.
            samples[filled + index] = source[index].isFinite ? source[index] : 0
        }
        filled += count
        source = source.extracting(droppingFirst: count)
        return filled == samples.count
    }

    /// Samples that wait for the rest of their hop.
    var waitingCount: Int { filled == samples.count ? 0 : filled }

    /// Empties the buffer, and leaves nothing of the voice in it.
    mutating func removeAll() {
        filled = 0
        for index in samples.indices { samples[index] = 0 }
    }

    /// Lets the meter hear the hop.
    func hear(_ tracker: inout UtteranceTracker) { tracker.hear(samples.span) }

    /// Lets the level meter hear the hop.
    func hear(_ levels: inout LevelReporter) { levels.hear(samples.span) }

    /// Steps features and network by the hop; true when a new embedding came out.
    func makesEmbedding(
        _ features: inout OnlineFeatures,
        _ encoder: EmotionEncoder,
        _ state: inout EmotionEncoder.State
    ) -> Bool {
        var isNew = false
        features.step(samples.span) { frame in isNew = encoder.step(frame, &state) }
        return isNew
    }
}
