// SPDX-License-Identifier: Apache-2.0
/// Samples in, one feature frame out for every hop: buffers samples for the frames of a ``FeatureSet``.
///
/// Frame i covers `windowSamples` samples from i × `hopSamples` on, so the first frame comes after 400 samples and the
/// next ones every 160 (10 ms). The result does not depend on how the signal is split.
///
/// - State: the high-pass, the last 46 ms of samples, noise floor, running level, pitch contour. ``reset()`` clears them all.
/// - Latency: a frame is complete with its last sample; its window is centred 12.5 ms before it.
/// - Thread: one at a time; one value for each stream. Copies are independent.
/// - Allocates: in `init` only.
/// - Edge cases: NaN counts as 0 and samples beyond ±32 as ±32; digital silence gives finite values;
///   samples after the last whole hop wait for the rest of it.
public struct OnlineFeatures: Sendable {
    /// The definition of the frames.
    public let featureSet: FeatureSet
    /// Values in one frame; their meaning is ``FeatureSet/index(of:)``.
    public var featureCount: Int { featureSet.featureCount }

    private var highPass: HighPass
    private var frames: FrameFeatures
    private var context: [Float]
    private var frame: [Float]
    private var missing: Int

    /// Prepares a stream. Throws when `set` has numbers outside the supported ranges.
    public init(_ set: FeatureSet = .standard) throws(FeatureSetError) {
        try set.check()
        featureSet = set
        highPass = HighPass(set)
        frames = FrameFeatures(set)
        context = Array(repeating: 0, count: frames.contextSamples)
        frame = Array(repeating: 0, count: set.featureCount)
        missing = set.spectrum.windowSamples
    }

    /// Clears the state; the next sample is the first of a new stream.
    public mutating func reset() {
        highPass.reset()
        frames.reset()
        for i in context.indices { context[i] = 0 }
        for i in frame.indices { frame[i] = 0 }
        missing = featureSet.spectrum.windowSamples
    }

    /// Accepts samples (16 kHz, mono, full scale -1...1) and calls `emit` for each hop that they complete.
    ///
    /// The frame `[featureCount]` passed to `emit` is valid only during the call.
    public mutating func step(_ samples: Span<Float>, _ emit: (Span<Float>) -> Void) {
        step(samples, isFiltered: false, emit)
    }

    /// Same for samples already filtered by the set's ``HighPass``, such as a hop that a level meter needs too.
    ///
    /// Do not mix filtered and unfiltered samples in one stream.
    public mutating func step(filtered samples: Span<Float>, _ emit: (Span<Float>) -> Void) {
        step(samples, isFiltered: true, emit)
    }

    private mutating func step(_ samples: Span<Float>, isFiltered: Bool, _ emit: (Span<Float>) -> Void) {
        var taken = 0
        while taken < samples.count {
            let count = min(missing, samples.count - taken)
            append(samples.extracting(taken..<taken + count), isFiltered)
            taken += count
            if missing == 0 {
                frames.step(context, from: 0, into: &frame)
                emit(frame.span)
                shift()
            }
        }
    }

    private mutating func append(_ samples: Span<Float>, _ isFiltered: Bool) {
        let start = context.count - missing
        if isFiltered {
            for index in samples.indices { context[start + index] = samples[index] }
        } else {
            highPass.step(samples, into: &context, from: start)
        }
        missing -= samples.count
    }

    private mutating func shift() {
        let hop = featureSet.spectrum.hopSamples
        // SAFETY: both ranges lie inside the array, and update(from:) allows them to overlap.
        context.withUnsafeMutableBufferPointer { context in
            guard let start = context.baseAddress else { return }
            start.update(from: start + hop, count: context.count - hop)
        }
        missing = hop
    }
}

extension OnlineFeatures {
    /// All frames of a whole signal, row-major `[frames, featureCount]`: the frames that `step` emits for a new stream.
    ///
    /// Reads each frame's samples directly from the signal, without the stream's buffer. Allocates.
    public static func forward(_ samples: [Float], set: FeatureSet = .standard) throws(FeatureSetError)
        -> [Float]
    {
        try set.check()
        var frames = FrameFeatures(set)
        let padding = frames.contextSamples - set.spectrum.windowSamples
        var padded = [Float](repeating: 0, count: padding + samples.count)
        var highPass = HighPass(set)
        highPass.step(samples.span, into: &padded, from: padding)

        let count = frameCount(of: samples.count, set: set)
        var rows: [Float] = []
        rows.reserveCapacity(count * set.featureCount)
        var row = [Float](repeating: 0, count: set.featureCount)
        for i in 0..<count {
            frames.step(padded, from: i * set.spectrum.hopSamples, into: &row)
            rows += row
        }
        return rows
    }

    /// Number of frames that `sampleCount` samples complete.
    public static func frameCount(of sampleCount: Int, set: FeatureSet = .standard) -> Int {
        let spectrum = set.spectrum
        return sampleCount < spectrum.windowSamples
            ? 0 : (sampleCount - spectrum.windowSamples) / spectrum.hopSamples + 1
    }
}
