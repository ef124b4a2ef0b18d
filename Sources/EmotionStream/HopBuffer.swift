// SPDX-License-Identifier: Apache-2.0
import EmotionEncoder
import SpeechFeatures

/// Cuts a stream of samples into hops, filters each once and passes it to meters, features and network.
struct HopBuffer {
    private var samples: [Float]
    private var filled = 0
    private var filtered: [Float]
    private var highPass: HighPass
    private let featuresAreFiltered: Bool

    /// The meters always get filtered hops, also with a model of the first feature version, which gets raw ones.
    init(_ set: FeatureSet) {
        samples = [Float](repeating: 0, count: set.spectrum.hopSamples)
        filtered = samples
        featuresAreFiltered = set.highPass != nil
        highPass = HighPass(
            set.highPass ?? FeatureSet.standard.highPass,
            sampleRate: set.spectrum.sampleRate
        )
    }

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
        if filled < samples.count { return false }
        let hop = samples
        highPass.step(hop.span, into: &filtered)
        return true
    }

    /// Samples that wait for the rest of their hop.
    var waitingCount: Int { filled == samples.count ? 0 : filled }

    /// Empties the buffer, and leaves nothing of the voice in it.
    mutating func removeAll() {
        filled = 0
        for index in samples.indices { (samples[index], filtered[index]) = (0, 0) }
        highPass.reset()
    }

    /// Lets the meter hear the hop.
    func hear(_ tracker: inout UtteranceTracker) { tracker.hear(samples.span, filtered: filtered.span) }

    /// Lets the level meter hear the hop.
    func hear(_ levels: inout LevelReporter) { levels.hear(samples.span, filtered: filtered.span) }

    /// Steps features and network by the hop; true when a new embedding came out.
    func makesEmbedding(
        _ features: inout OnlineFeatures,
        _ encoder: EmotionEncoder,
        _ state: inout EmotionEncoder.State
    ) -> Bool {
        var isNew = false
        if featuresAreFiltered {
            features.step(filtered: filtered.span) { frame in isNew = encoder.step(frame, &state) }
        } else {
            features.step(samples.span) { frame in isNew = encoder.step(frame, &state) }
        }
        return isNew
    }
}
