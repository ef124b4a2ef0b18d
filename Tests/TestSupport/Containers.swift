// SPDX-License-Identifier: Apache-2.0

/// One recording, 16 kHz, mono, 16 bits, in containers that the tests create.
public enum Containers {
    /// Length of the sound according to the headers.
    public enum Length: Sendable {
        /// The correct length.
        case known
        /// The placeholder of a program that writes into a pipe.
        case unknown
        /// Zero, as from a recorder that was killed.
        case zero
        /// A third, as from a recorder that was killed between two updates.
        case stale
    }

    /// RF64, CAF, AIFF, AU and Wave64, each with the name of a file.
    public static func all(_ samples: [Float], lengths: Length) -> [(name: String, bytes: [UInt8])] {
        let little = SoundEncoding.s16.bytes(of: samples)
        let big = stride(from: 0, to: little.count, by: 2).flatMap { [little[$0 + 1], little[$0]] }
        return [
            ("sound.rf64", rf64(little, lengths)), ("sound.caf", caf(little, lengths)),
            ("sound.aiff", aiff(big, lengths)), ("sound.au", au(big, lengths)),
            ("sound.w64", wave64(little, lengths)),
        ]
    }

    private static func length(_ count: Int, _ length: Length, unknown: Int) -> Int {
        switch length {
        case .known: count
        case .unknown: unknown
        case .zero: 0
        case .stale: count / 6 * 2
        }
    }

    private static func little(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    private static func big(_ value: Int, _ count: Int) -> [UInt8] { little(value, count).reversed() }

    private static let format: [UInt8] =
        little(1, 2) + little(1, 2) + little(16_000, 4) + little(32_000, 4) + little(2, 2) + little(16, 2)

    private static func rf64(_ sound: [UInt8], _ length: Length) -> [UInt8] {
        let count = Self.length(sound.count, length, unknown: -1)
        return Array("RF64".utf8) + little(-1, 4) + Array("WAVEds64".utf8) + little(28, 4)
            + little(count + 72, 8)
            + little(count, 8) + little(count / 2, 8) + little(0, 4) + Array("fmt ".utf8) + little(16, 4)
            + format
            + Array("data".utf8) + little(-1, 4) + sound
    }

    private static func caf(_ sound: [UInt8], _ length: Length) -> [UInt8] {
        let count = Self.length(sound.count, length, unknown: -5)
        let rate = big(Int(bitPattern: UInt(Double(16_000).bitPattern)), 8)
        return Array("caff".utf8) + [0, 1, 0, 0] + Array("desc".utf8) + big(32, 8) + rate + Array("lpcm".utf8)
            + big(2, 4) + big(2, 4) + big(1, 4) + big(1, 4) + big(16, 4) + Array("data".utf8)
            + big(count + 4, 8)
            + big(0, 4) + sound
    }

    private static func aiff(_ sound: [UInt8], _ length: Length) -> [UInt8] {
        let count = Self.length(sound.count, length, unknown: 0x7FFF_F000)
        // 16,000 as an 80-bit float.
        let rate: [UInt8] = [0x40, 0x0C, 0xFA, 0, 0, 0, 0, 0, 0, 0]
        return Array("FORM".utf8) + big(count + 46, 4) + Array("AIFFCOMM".utf8) + big(18, 4) + big(1, 2)
            + big(count / 2, 4) + big(16, 2) + rate + Array("SSND".utf8) + big(count == 0 ? 0 : count + 8, 4)
            + big(0, 8) + sound
    }

    private static func au(_ sound: [UInt8], _ length: Length) -> [UInt8] {
        let count = Self.length(sound.count, length, unknown: 0xFFFF_FFFF)
        return Array(".snd".utf8) + big(24, 4) + big(count, 4) + big(3, 4) + big(16_000, 4) + big(1, 4)
            + sound
    }

    private static func wave64(_ sound: [UInt8], _ length: Length) -> [UInt8] {
        let count = Self.length(sound.count, length, unknown: Int.max - 24)
        func guid(_ name: String, _ rest: [UInt8]) -> [UInt8] { Array(name.utf8) + rest }
        let tail: [UInt8] = [0xF3, 0xAC, 0xD3, 0x11, 0x8C, 0xD1, 0x00, 0xC0, 0x4F, 0x8E, 0xDB, 0x8A]
        let riff: [UInt8] = [0x2E, 0x91, 0xCF, 0x11, 0xA5, 0xD6, 0x28, 0xDB, 0x04, 0xC1, 0x00, 0x00]
        return guid("riff", riff) + little(count == 0 ? 0 : count &+ 104, 8) + guid("wave", tail)
            + guid("fmt ", tail)
            + little(40, 8) + format + guid("data", tail) + little(count &+ 24, 8) + sound
    }
}
