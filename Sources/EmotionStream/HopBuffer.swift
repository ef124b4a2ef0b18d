// SPDX-License-Identifier: Apache-2.0
import SpeechFeatures

/// A meter that processes one hop at a time.
protocol HopMeter {
    /// Processes the samples of one hop, raw and after the high-pass.
    mutating func hear(_ hop: Span<Float>, filtered: Span<Float>)
}

/// Splits a stream of samples into hops and filters each hop once.
struct HopBuffer {
    /// The samples of the hop, full scale -1...1.
    private(set) var samples: [Float]
    /// The same samples after the high-pass.
    private(set) var filtered: [Float]
    private var filled = 0
    private var highPass: HighPass

    /// A buffer for hops of the set's length. The first version, a set without a high-pass, gets the standard one.
    init(_ set: FeatureSet) {
        samples = [Float](repeating: 0, count: set.spectrum.hopSamples)
        filtered = samples
        highPass = HighPass(
            set.highPass ?? FeatureSet.standard.highPass,
            sampleRate: set.spectrum.sampleRate
        )
    }

    /// Samples in a hop.
    var count: Int { samples.count }

    /// Removes samples from the front of `source`; true when the hop is complete, to be used before the next call.
    mutating func fill(from source: inout Span<Float>) -> Bool {
        if filled == samples.count { filled = 0 }
        let count = min(samples.count - filled, source.count)
        for index in 0..<count {
            // A driver may deliver any bits; from here on every sample is finite.
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

    /// Passes the hop to a meter. (A method here, since the compiler treats a span of a part of a noncopyable value,
    /// such as `EmotionPipeline`, as a use of all of it.)
    func pass(to meter: inout some HopMeter) { meter.hear(samples.span, filtered: filtered.span) }

    /// Empties the buffer and overwrites its samples.
    mutating func removeAll() {
        filled = 0
        for index in samples.indices { (samples[index], filtered[index]) = (0, 0) }
        highPass.reset()
    }
}
