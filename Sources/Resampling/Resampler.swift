// SPDX-License-Identifier: Apache-2.0
internal import CSpeexDSP

/// A streaming change of the sample rate, by libspeexdsp's windowed-sinc resampler.
///
/// Sample 0 out is the moment of sample 0 in: the filter's leading zeros are skipped. So an output needs half a
/// filter of input after its own moment, ``latencySamples``, and positions need no correction.
///
/// Nothing is allocated after `init`. One thread at a time; unchecked because of the pointer, which nothing else holds.
public struct Resampler: ~Copyable, @unchecked Sendable {
    /// 0 to 10. At 8 the stop band is near -100 dB; more costs time and latency that speech does not repay.
    private static let quality: CInt = 8

    /// Samples out by which an output comes later than its moment: 80 from 48 to 16 kHz, 5 ms.
    public let latencySamples: Int
    private let state: OpaquePointer
    private let inputLatency: Int

    /// - Parameters:
    ///   - inputRate: samples per second.
    ///   - outputRate: samples per second.
    /// - Throws: if libspeexdsp refuses the rates, or has no memory.
    public init(from inputRate: Int, to outputRate: Int) throws(ResamplingError) {
        var code: CInt = 0
        guard let input = UInt32(exactly: inputRate), let output = UInt32(exactly: outputRate),
            input > 0, output > 0,
            let state = speex_resampler_init(1, input, output, Self.quality, &code)
        else {
            throw ResamplingError(inputRate: inputRate, outputRate: outputRate, code: code)
        }
        self.state = state
        inputLatency = Int(speex_resampler_get_input_latency(state))
        latencySamples = Int(speex_resampler_get_output_latency(state))
        speex_resampler_skip_zeros(state)
    }

    /// The library gives its memory back as it is, so silence goes through first: nothing of the sound is left behind.
    deinit {
        // More than the library's filter and its block of 160 hold together.
        let count = 2 * inputLatency + 512
        withUnsafeTemporaryAllocation(of: Float.self, capacity: count) { room in
            let silence = [Float](repeating: 0, count: count)
            silence.withUnsafeBufferPointer { step($0, room: room) { _ in } }
        }
        speex_resampler_destroy(state)
    }

    /// Takes all of `input` and hands over what can be computed from it, in pieces that fit `room`.
    public func step(
        _ input: UnsafeBufferPointer<Float>,
        room: UnsafeMutableBufferPointer<Float>,
        _ emit: (UnsafeBufferPointer<Float>) -> Void
    ) {
        guard let source = input.baseAddress, let target = room.baseAddress else { return }
        var taken = 0
        while taken < input.count {
            var inputCount = UInt32(input.count - taken)
            var outputCount = UInt32(room.count)
            speex_resampler_process_float(state, 0, source + taken, &inputCount, target, &outputCount)
            if outputCount > 0 { emit(UnsafeBufferPointer(start: target, count: Int(outputCount))) }
            if inputCount == 0 && outputCount == 0 { break }
            taken += Int(inputCount)
        }
    }

    /// Hands over the rest: the input is over, and silence is taken to follow it.
    public func finish(
        room: UnsafeMutableBufferPointer<Float>,
        _ emit: (UnsafeBufferPointer<Float>) -> Void
    ) {
        withUnsafeTemporaryAllocation(of: Float.self, capacity: inputLatency) { silence in
            silence.initialize(repeating: 0)
            step(UnsafeBufferPointer(silence), room: room, emit)
        }
    }

    /// Forgets all input.
    public func reset() {
        speex_resampler_reset_mem(state)
        speex_resampler_skip_zeros(state)
    }
}
