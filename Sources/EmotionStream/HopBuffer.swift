// SPDX-License-Identifier: Apache-2.0
import SpeechFeatures

/// A meter that takes hop by hop.
protocol HopMeter {
    /// Takes the samples of one hop, and the same after the high-pass.
    mutating func hear(_ hop: Span<Float>, filtered: Span<Float>)
}

/// Cuts a stream of samples into hops and filters each of them once.
struct HopBuffer {
    /// The samples of the hop, full scale -1...1.
    private(set) var samples: [Float]
    /// The same after the high-pass.
    private(set) var filtered: [Float]
    private var filled = 0
    private var highPass: HighPass

    /// A buffer for hops of the set's length. A set without a high-pass, the first version, gets the standard one.
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

    /// Passes the hop to a meter. (A method here, since the compiler takes a span of a part of a value that cannot be
    /// copied, such as `EmotionPipeline`, for a use of all of it.)
    func pass(to meter: inout some HopMeter) { meter.hear(samples.span, filtered: filtered.span) }

    /// Empties the buffer, and leaves nothing of the voice in it.
    mutating func removeAll() {
        filled = 0
        for index in samples.indices { (samples[index], filtered[index]) = (0, 0) }
        highPass.reset()
    }
}
