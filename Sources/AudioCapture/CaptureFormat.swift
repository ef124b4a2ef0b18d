// SPDX-License-Identifier: Apache-2.0

/// Encoding of one sample in memory. Always little-endian.
public enum SampleFormat: String, CaseIterable, Sendable {
    /// 16-bit signed integer.
    case s16
    /// 24-bit signed integer in three bytes.
    case s24
    /// 24-bit signed integer in the lower three of four bytes.
    case s24in32
    /// 32-bit signed integer.
    case s32
    /// 32-bit float, full scale -1...1.
    case f32

    /// Bytes of one sample.
    public var byteCount: Int {
        switch self {
        case .s16: 2
        case .s24: 3
        case .s24in32, .s32, .f32: 4
        }
    }
}

/// Format of a stream of raw PCM.
public struct CaptureFormat: Equatable, Sendable, CustomStringConvertible {
    /// PCM frames per second, 8,000 to 192,000.
    public let sampleRate: Int
    /// Channels, 1 to 8, interleaved.
    public let channelCount: Int
    /// Encoding of each sample.
    public let sampleFormat: SampleFormat

    /// Bytes of one PCM frame.
    public var frameByteCount: Int { channelCount * sampleFormat.byteCount }

    /// Description for people: `48000 Hz, 2 channels, s16`.
    public var description: String {
        "\(sampleRate) Hz, \(channelCount) channel\(channelCount == 1 ? "" : "s"), \(sampleFormat)"
    }

    /// Creates a format within the limits.
    ///
    /// - Throws: `formatRefused` for a rate outside 8 to 192 kHz or not 1 to 8 channels.
    public init(sampleRate: Int, channelCount: Int, sampleFormat: SampleFormat) throws(CaptureError) {
        guard (8_000...192_000).contains(sampleRate) else {
            throw CaptureError(
                .formatRefused,
                "\(sampleRate) samples per second; 8000 to 192000 are supported"
            )
        }
        guard (1...8).contains(channelCount) else {
            throw CaptureError(.formatRefused, "\(channelCount) channels; 1 to 8 are supported")
        }
        self.init(known: sampleRate, channelCount, sampleFormat)
    }

    /// Creates a format that the caller knows to be within the limits.
    init(known sampleRate: Int, _ channelCount: Int, _ sampleFormat: SampleFormat) {
        self.sampleRate = sampleRate
        self.channelCount = channelCount
        self.sampleFormat = sampleFormat
    }
}

/// Choice of the channel to analyse.
public enum ChannelChoice: Equatable, Sendable {
    /// The mean of all channels.
    case mix
    /// One channel, counted from 1: for microphone arrays whose channels differ.
    case only(Int)

    /// Reads `mix` or a number from 1 to 8.
    public init?(_ text: String) {
        switch text {
        case "mix": self = .mix
        default:
            guard let number = Int(text), (1...8).contains(number) else { return nil }
            self = .only(number)
        }
    }
}
