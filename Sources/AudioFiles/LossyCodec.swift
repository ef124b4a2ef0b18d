// SPDX-License-Identifier: Apache-2.0
internal import CSndfile

/// A lossy codec, as telephones, messengers and archives use it.
///
/// For training on audio that went through such a codec: ``encodeAndDecode(_:sampleRate:)`` encodes and decodes in memory. It uses
/// libsndfile for both, so the result equals what ``AudioFileReader`` reads from such a file.
public enum LossyCodec: Hashable, Sendable {
    /// Opus, from 6 kbit/s, at 8, 12, 16, 24 or 48 kHz.
    case opus(kilobits: Double)
    /// MP3 at the standard rate nearest to `kilobits`, 8 to 160 kbit/s, at 16 to 24 kHz.
    case mp3(kilobits: Double)
    /// GSM 06.10 full rate, 13 kbit/s at its own 8 kHz.
    case gsm
    /// G.711 µ-law, 64 kbit/s at its own 8 kHz.
    case muLaw
    /// G.711 A-law, 64 kbit/s at its own 8 kHz.
    case aLaw

    /// Encodes and decodes `samples`; the result has the same length and timing.
    ///
    /// - Parameters:
    ///   - samples: one channel, full scale -1...1.
    ///   - sampleRate: in Hz; also that of the result.
    /// - Throws: if libsndfile was built without this codec or the codec does not support the rate.
    public func encodeAndDecode(_ samples: [Float], sampleRate: Int) throws(CodecError) -> [Float] {
        guard !samples.isEmpty else { return [] }
        let file = MemoryFile()
        try encode(samples, sampleRate, into: file)
        var decoded = try decode(file, atMost: samples.count + Self.longestSurplusSamples)
        decoded.removeFirst(min(decoded.count, delaySamples(ofDecoded: decoded.count, given: samples.count)))
        decoded.append(contentsOf: repeatElement(0, count: max(0, samples.count - decoded.count)))
        decoded.removeLast(decoded.count - samples.count)
        return decoded
    }

    /// Upper bound of the samples that any of these codecs adds at its ends.
    private static let longestSurplusSamples = 8_192

    /// Index of the first sample of the sound in the decoded samples.
    ///
    /// The first frame of an MP3 says how many samples its encoder put before the sound, and the decoder removes them. At
    /// low rates the frame is too small for that, and the 576 samples of LAME and 529 of any decoder remain.
    private func delaySamples(ofDecoded decoded: Int, given: Int) -> Int {
        if case .mp3 = self, decoded > given { return 576 + 529 }
        return 0
    }

    private func encode(_ samples: [Float], _ sampleRate: Int, into memory: MemoryFile) throws(CodecError) {
        var header = SF_INFO()
        header.samplerate = CInt(clamping: sampleRate)
        header.channels = 1
        header.format = format
        let file = try memory.open(CInt(SFM_WRITE), &header, codec: self)
        defer { sf_close(file) }
        if let level = compressionLevel {
            if case .mp3 = self, !(16_000...24_000).contains(sampleRate) {
                throw CodecError(codec: self, detail: "the rate must be 16 to 24 kHz")
            }
            // The result is ignored: Opus reports failure although it applies the setting.
            var value = level
            sf_command(file, CInt(SFC_SET_COMPRESSION_LEVEL), &value, CInt(MemoryLayout<Double>.size))
        }
        let written = samples.withUnsafeBufferPointer {
            sf_writef_float(file, $0.baseAddress, sf_count_t($0.count))
        }
        guard written == samples.count else {
            throw CodecError(codec: self, detail: String(cString: sf_strerror(file)))
        }
    }

    private func decode(_ memory: MemoryFile, atMost limit: Int) throws(CodecError) -> [Float] {
        memory.rewind()
        var header = SF_INFO()
        let file = try memory.open(CInt(SFM_READ), &header, codec: self)
        defer { sf_close(file) }
        return [Float](unsafeUninitializedCapacity: limit) { room, count in
            count = Int(sf_readf_float(file, room.baseAddress, sf_count_t(limit)))
        }
    }

    private var format: CInt {
        switch self {
        case .opus: CInt(SF_FORMAT_OGG) | CInt(SF_FORMAT_OPUS)
        case .mp3: CInt(SF_FORMAT_MPEG) | CInt(SF_FORMAT_MPEG_LAYER_III)
        case .gsm: CInt(SF_FORMAT_WAV) | CInt(SF_FORMAT_GSM610)
        case .muLaw: CInt(SF_FORMAT_WAV) | CInt(SF_FORMAT_ULAW)
        case .aLaw: CInt(SF_FORMAT_WAV) | CInt(SF_FORMAT_ALAW)
        }
    }

    /// libsndfile's scale for the bit rates of each codec, from 0, the best, to 1.
    private var compressionLevel: Double? {
        switch self {
        case .opus(let kilobits): min(1, max(0, 1 - (kilobits - 6) / 250))
        case .mp3(let kilobits): min(1, max(0, (160 - kilobits) / 152))
        case .gsm, .muLaw, .aLaw: nil
        }
    }
}

/// The error for a codec that cannot be used.
public struct CodecError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The codec.
    public let codec: LossyCodec
    /// The reason, from libsndfile or from this module.
    public let detail: String

    /// One sentence: what is wrong, and how to fix it.
    public var description: String {
        """
        libsndfile cannot encode \(codec) here (\(detail)); leave that codec out, \
        or install libsndfile 1.1 or later with it
        """
    }
}
