// SPDX-License-Identifier: Apache-2.0
internal import CSpeexDSP

/// Streaming sample-rate conversion with libspeexdsp's windowed-sinc resampler.
///
/// Output sample 0 has the time of input sample 0: the filter's leading zeros are skipped. So an output sample needs input
/// up to half a filter length later, ``latencySamples``, and positions need no correction.
///
/// Nothing is allocated after `init`. One thread at a time; `@unchecked` for the pointer, which has no other owner.
public struct Resampler: ~Copyable, @unchecked Sendable {
    /// 0 to 10. At 8 the stop band is near -100 dB; higher values cost time and latency without a benefit for speech.
    private static let quality: CInt = 8

    /// Delay of an output sample, in output samples: 80 from 48 to 16 kHz, 5 ms.
    public let latencySamples: Int
    private let state: OpaquePointer
    private let inputLatency: Int

    /// - Parameters:
    ///   - inputRate: samples per second.
    ///   - outputRate: samples per second.
    /// - Throws: if libspeexdsp refuses the rates, or is out of memory.
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

    /// The library frees its memory without clearing it, so this filters silence first: no sound is left in memory.
    deinit {
        // More than the library's filter and its block of 160 samples together.
        let count = 2 * inputLatency + 512
        withUnsafeTemporaryAllocation(of: Float.self, capacity: count) { room in
            let silence = [Float](repeating: 0, count: count)
            silence.withUnsafeBufferPointer { step($0, room: room) { _ in } }
        }
        speex_resampler_destroy(state)
    }

    /// Consumes all of `input` and passes on the available output, in pieces that fit `room`.
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

    /// Passes on the remaining output at the end of the input, as if silence followed.
    public func finish(
        room: UnsafeMutableBufferPointer<Float>,
        _ emit: (UnsafeBufferPointer<Float>) -> Void
    ) {
        withUnsafeTemporaryAllocation(of: Float.self, capacity: inputLatency) { silence in
            silence.initialize(repeating: 0)
            step(UnsafeBufferPointer(silence), room: room, emit)
        }
    }

    /// Clears all state.
    public func reset() {
        speex_resampler_reset_mem(state)
        speex_resampler_skip_zeros(state)
    }
}
