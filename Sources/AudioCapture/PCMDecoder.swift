// SPDX-License-Identifier: Apache-2.0
import Glibc
import Resampling

/// Raw PCM of any supported format in, 16 kHz mono floats out, full scale -1...1.
///
/// The input may be cut anywhere, also inside a sample: the output is the same to the last bit. Nothing is
/// allocated after `init`. One thread at a time.
public struct PCMDecoder: ~Copyable {
    /// What everything behind capture runs at, in samples per second.
    public static let sampleRate = 16_000

    /// What the bytes are.
    public var format: CaptureFormat { conversion.format }
    /// Samples at 16 kHz by which the resampler delays the sound; 0 when the input already has 16 kHz.
    public var latencySamples: Int { resamplerLatency }
    /// Float samples that were NaN, infinite or a million times full scale, and became 0.
    public var nonFiniteCount: Int { conversion.nonFiniteCount }

    private static let blockFrames = 1_024
    private var conversion: SampleConversion
    private let resampler: Resampler?
    private let resamplerLatency: Int
    private var mono: UnsafeMutableBufferPointer<Float>
    private var output: UnsafeMutableBufferPointer<Float>
    /// The bytes of a PCM frame whose end has not come yet.
    private var partial: UnsafeMutableRawBufferPointer
    private var partialCount = 0

    /// A decoder for one stream.
    ///
    /// - Throws: `formatRefused` when `channel` does not exist in `format`.
    public init(format: CaptureFormat, channel: ChannelChoice = .mix) throws(CaptureError) {
        let conversion = try SampleConversion(format: format, channel: channel)
        // Nothing to do is the best resampler there is.
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

    /// Leaves nothing of the sound behind.
    deinit {
        for buffer in [UnsafeMutableRawBufferPointer(mono), UnsafeMutableRawBufferPointer(output), partial] {
            if let start = buffer.baseAddress { explicit_bzero(start, buffer.count) }
            buffer.deallocate()
        }
    }

    /// Decodes the next bytes and hands over the samples that are ready, in zero or more pieces.
    public mutating func step(_ bytes: RawSpan, _ emit: (Span<Float>) -> Void) {
        bytes.withUnsafeBytes { step($0, emit) }
    }

    /// Hands over what the resampler still holds: the end of a file. A frame without its end is dropped.
    public mutating func finish(_ emit: (Span<Float>) -> Void) {
        partialCount = 0
        resampler?.finish(room: output) { emit($0.span) }
        resampler?.reset()
    }

    /// Forgets the stream so far, for a new one in the same format.
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
