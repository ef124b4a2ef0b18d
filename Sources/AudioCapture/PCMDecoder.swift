// SPDX-License-Identifier: Apache-2.0
import Glibc
import Resampling

/// Converts raw PCM of any supported format to 16 kHz mono floats, full scale -1...1.
///
/// The input may be cut anywhere, even inside a sample: the output is identical to the last bit. Allocates
/// nothing after `init`. One thread at a time.
public struct PCMDecoder: ~Copyable {
    /// Sample rate of all stages after capture, in hertz.
    public static let sampleRate = 16_000

    /// Format of the input bytes.
    public var format: CaptureFormat { conversion.format }
    /// Samples at 16 kHz by which the resampler delays the sound; 0 when the input already has 16 kHz.
    public var latencySamples: Int { resamplerLatency }
    /// Number of float samples that were NaN, infinite or a million times full scale, and became 0.
    public var nonFiniteCount: Int { conversion.nonFiniteCount }

    private static let blockFrames = 1_024
    private var conversion: SampleConversion
    private let resampler: Resampler?
    private let resamplerLatency: Int
    private var mono: UnsafeMutableBufferPointer<Float>
    private var output: UnsafeMutableBufferPointer<Float>
    /// Bytes of an incomplete PCM frame.
    private var partial: UnsafeMutableRawBufferPointer
    private var partialCount = 0

    /// Creates a decoder for one stream.
    ///
    /// - Throws: `formatRefused` when `channel` does not exist in `format`.
    public init(format: CaptureFormat, channel: ChannelChoice = .mix) throws(CaptureError) {
        let conversion = try SampleConversion(format: format, channel: channel)
        // Already 16 kHz: no resampling.
        if format.sampleRate == Self.sampleRate {
            resampler = nil
            resamplerLatency = 0
        } else {
            let resampler = try Self.resampler(from: format.sampleRate)
            resamplerLatency = resampler.latencySamples
            self.resampler = consume resampler
        }
        self.conversion = conversion
        mono = .allocate(capacity: Self.blockFrames)
        output = .allocate(capacity: Self.blockFrames)
        partial = .allocate(byteCount: format.frameByteCount, alignment: 4)
    }

    private static func resampler(from inputRate: Int) throws(CaptureError) -> Resampler {
        do {
            return try Resampler(from: inputRate, to: sampleRate)
        } catch {
            throw CaptureError(.formatRefused, error.description, code: error.code)
        }
    }

    /// Overwrites all buffered sound.
    deinit {
        for buffer in [UnsafeMutableRawBufferPointer(mono), UnsafeMutableRawBufferPointer(output), partial] {
            if let start = buffer.baseAddress { explicit_bzero(start, buffer.count) }
            buffer.deallocate()
        }
    }

    /// Decodes the next bytes and passes on the finished samples, in zero or more pieces.
    public mutating func step(_ bytes: RawSpan, _ emit: (Span<Float>) -> Void) {
        bytes.withUnsafeBytes { step($0, emit) }
    }

    /// Passes on the samples that are still in the resampler, at the end of a file. An incomplete frame is
    /// dropped.
    public mutating func finish(_ emit: (Span<Float>) -> Void) {
        partialCount = 0
        resampler?.finish(room: output) { emit($0.span) }
        resampler?.reset()
    }

    /// Resets the decoder, for a new stream in the same format.
    public mutating func reset() {
        partialCount = 0
        resampler?.reset()
    }

    mutating func step(_ bytes: UnsafeRawBufferPointer, _ emit: (Span<Float>) -> Void) {
        var rest = bytes
        if partialCount > 0 {
            let count = min(partial.count - partialCount, rest.count)
            keep(rest.prefix(count))
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
            if partialCount < partial.count { return }
            partialCount = 0
            decode(UnsafeRawBufferPointer(partial), emit)
        }
        while rest.count >= partial.count {
            let frameCount = min(Self.blockFrames, rest.count / partial.count)
            let byteCount = frameCount * partial.count
            decode(UnsafeRawBufferPointer(rebasing: rest.prefix(byteCount)), emit)
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(byteCount))
        }
        keep(rest[...])
    }

    private mutating func keep(_ bytes: Slice<UnsafeRawBufferPointer>) {
        if bytes.isEmpty { return }
        UnsafeMutableRawBufferPointer(rebasing: partial[partialCount...])
            .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes))
        partialCount += bytes.count
    }

    /// Decodes whole PCM frames, one block at most.
    private mutating func decode(_ frames: UnsafeRawBufferPointer, _ emit: (Span<Float>) -> Void) {
        let block = UnsafeMutableBufferPointer(rebasing: mono[..<(frames.count / partial.count)])
        conversion.convert(frames, to: block)
        if resampler == nil { return emit(block.span) }
        resampler?.step(UnsafeBufferPointer(block), room: output) { emit($0.span) }
    }
}
