// SPDX-License-Identifier: Apache-2.0
public import Foundation

/// Encoding of samples in a WAV file or a raw stream, for tests that create their own sound.
public enum SoundEncoding: String, CaseIterable, Sendable {
    /// Signed integers and floats, little-endian; `s24` is packed in three bytes, `s24in32` in four.
    case s16, s24, s24in32, s32, f32

    /// Bytes of one sample.
    public var byteCount: Int {
        switch self {
        case .s16: 2
        case .s24: 3
        case .s24in32, .s32, .f32: 4
        }
    }

    /// Bytes of `samples`, full scale -1...1, clipped if the encoding requires it.
    public func bytes(of samples: [Float]) -> [UInt8] {
        samples.flatMap { sample -> [UInt8] in
            switch self {
            case .s16: littleEndian(scaled(sample, bits: 16), 2)
            case .s24: littleEndian(scaled(sample, bits: 24), 3)
            case .s24in32: littleEndian(scaled(sample, bits: 24), 4)
            case .s32: littleEndian(scaled(sample, bits: 32), 4)
            case .f32: littleEndian(Int64(sample.bitPattern), 4)
            }
        }
    }

    private func scaled(_ sample: Float, bits: Int) -> Int64 {
        let full = Double(Int64(1) << (bits - 1))
        return Int64(min(full - 1, max(-full, (Double(sample) * full).rounded())))
    }

    private func littleEndian(_ value: Int64, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
}

/// A WAV file in memory.
public struct SoundFile: Sendable {
    /// The whole file.
    public var bytes: [UInt8]

    /// Creates the file.
    ///
    /// - Parameters:
    ///   - samples: interleaved, full scale -1...1.
    ///   - declaredByteCount: wrong length of the sound in the header, for tests of wrong headers.
    public init(
        samples: [Float],
        sampleRate: Int,
        channelCount: Int = 1,
        encoding: SoundEncoding = .s16,
        declaredByteCount: UInt32? = nil
    ) {
        let sound = encoding.bytes(of: samples)
        let declared = declaredByteCount ?? UInt32(sound.count)
        let frameBytes = channelCount * encoding.byteCount
        bytes = Array("RIFF".utf8) + word(declared &+ 36) + Array("WAVEfmt ".utf8) + word(16)
        bytes += half(encoding == .f32 ? 3 : 1) + half(UInt16(channelCount))
        bytes += word(UInt32(sampleRate)) + word(UInt32(truncatingIfNeeded: sampleRate * frameBytes))
        bytes += half(UInt16(frameBytes)) + half(UInt16(encoding.byteCount * 8))
        bytes += Array("data".utf8) + word(declared) + sound
    }

    /// Writes the file into `folder`.
    public func write(to folder: URL, name: String = "sound.wav") throws -> String {
        let url = folder.appending(path: name)
        try Data(bytes).write(to: url)
        return url.path
    }
}

private func word(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
private func half(_ value: UInt16) -> [UInt8] { [UInt8(value & 255), UInt8(value >> 8)] }

/// Runs `body` with a temporary folder, and removes the folder afterwards.
public func withSoundFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "sound-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
}
