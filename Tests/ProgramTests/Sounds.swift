// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// Recordings for tests that need bytes in a certain shape.
enum Sounds {
    /// The fixture recordings.
    static let speech = Fixtures.speech.map(\.path)

    /// The fixture recordings one after the other, with a second of silence before, between and behind, as 16 kHz
    /// mono S16: a conversation with three utterances.
    static func conversation() throws -> Data {
        let silence = Data(count: 32_000)
        return try speech.reduce(silence) { try $0 + decoded($1) + silence }
    }

    /// What sox makes of a file: 16 kHz mono S16 without a header.
    static func decoded(_ path: String) throws -> Data {
        let sox = Process()
        let output = Pipe()
        sox.executableURL = URL(filePath: "/usr/bin/sox")
        sox.arguments = [path, "-t", "raw", "-r", "16000", "-c", "1", "-b", "16", "-e", "signed", "-"]
        sox.standardOutput = output
        sox.standardError = FileHandle.nullDevice
        try sox.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        sox.waitUntilExit()
        try #require(sox.terminationStatus == 0 && !data.isEmpty, "sox cannot read \(path)")
        return data
    }

    /// A WAV file. `format` 1 is PCM, 3 is floating point.
    static func wav(_ samples: Data, rate: Int = 16_000, channels: Int = 1, bits: Int = 16, format: Int = 1)
        -> Data
    {
        let frame = channels * bits / 8
        return Data("RIFF".utf8) + little(36 + samples.count, 4) + Data("WAVEfmt ".utf8) + little(16, 4)
            + little(format, 2) + little(channels, 2) + little(rate, 4) + little(rate * frame, 4)
            + little(frame, 2)
            + little(bits, 2) + Data("data".utf8) + little(samples.count, 4) + samples
    }

    private static func little(_ value: Int, _ count: Int) -> Data {
        Data((0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) })
    }
}
