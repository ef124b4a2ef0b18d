// SPDX-License-Identifier: Apache-2.0

/// Converts interleaved PCM frames of any supported format to mono floats, full scale -1...1.
///
/// Divides integers by their full scale, a power of two, so no bit is lost up to 24 bits. A float that is
/// NaN, infinite or so large that a sum of such values would be infinite becomes 0; otherwise it would stay
/// in every later recursive filter permanently.
struct SampleConversion {
    let format: CaptureFormat
    let channel: ChannelChoice
    /// Number of float samples that were not finite or too large.
    private(set) var nonFiniteCount = 0

    /// 120 dB above full scale; the square of a sum over a window of such values is still finite.
    private static let loudest: Float = 1e6

    init(format: CaptureFormat, channel: ChannelChoice) throws(CaptureError) {
        if case .only(let number) = channel, !(1...format.channelCount).contains(number) {
            throw CaptureError(
                .formatRefused,
                "channel \(number) does not exist: there are \(format.channelCount); choose another one or mix"
            )
        }
        self.format = format
        self.channel = channel
    }

    /// Converts whole PCM frames. `mono` takes one sample for each.
    mutating func convert(_ frames: UnsafeRawBufferPointer, to mono: UnsafeMutableBufferPointer<Float>) {
        switch format.sampleFormat {
        case .s16:
            spread(frames, mono) { Float(Int16(littleEndian: $0.loadUnaligned(as: Int16.self))) * 0x1p-15 }
        case .s24:
            spread(frames, mono) {
                let low = UInt32($0.load(as: UInt8.self))
                let middle = UInt32($0.load(fromByteOffset: 1, as: UInt8.self))
                let high = UInt32($0.load(fromByteOffset: 2, as: UInt8.self))
                return Float(Int32(bitPattern: low << 8 | middle << 16 | high << 24) >> 8) * 0x1p-23
            }
        case .s24in32:
            // Not every driver defines the upper byte, so it is shifted out.
            spread(frames, mono) {
                Float((Int32(littleEndian: $0.loadUnaligned(as: Int32.self)) << 8) >> 8) * 0x1p-23
            }
        case .s32:
            spread(frames, mono) { Float(Int32(littleEndian: $0.loadUnaligned(as: Int32.self))) * 0x1p-31 }
        case .f32:
            var rejected = 0
            spread(frames, mono) {
                let bits = UInt32(littleEndian: $0.loadUnaligned(as: UInt32.self))
                let value = Float(bitPattern: bits)
                if abs(value) <= Self.loudest { return value }
                rejected += 1
                return 0
            }
            nonFiniteCount += rejected
        }
    }

    /// Computes the mean of the channels for each frame, or takes one channel.
    @inline(__always)
    private func spread(
        _ frames: UnsafeRawBufferPointer,
        _ mono: UnsafeMutableBufferPointer<Float>,
        _ sample: (UnsafeRawPointer) -> Float
    ) {
        guard let base = frames.baseAddress else { return }
        let stride = format.sampleFormat.byteCount
        let frameByteCount = format.frameByteCount
        switch channel {
        case .only(let number):
            let first = base + (number - 1) * stride
            for i in mono.indices { mono[i] = sample(first + i * frameByteCount) }
        case .mix:
            let share = 1 / Float(format.channelCount)
            for i in mono.indices {
                var sum: Float = 0
                for c in 0..<format.channelCount {
                    sum += sample(base + i * frameByteCount + c * stride) * share
                }
                mono[i] = sum
            }
        }
    }
}
