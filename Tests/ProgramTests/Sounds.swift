// SPDX-License-Identifier: Apache-2.0
import AudioCapture
import Foundation
import TestSupport

/// Recordings for tests that need a certain format.
enum Sounds {
    /// The fixture recordings.
    static let speech = Fixtures.speech.map(\.path)

    /// The fixture recordings one after the other, with a second of silence before, between and after them, as 16 kHz
    /// mono S16: a conversation with three utterances.
    static func conversation(_ recordings: [String] = speech) throws -> Data {
        try recordings.reduce(silence(seconds: 1)) { try $0 + decoded($1) + silence(seconds: 1) }
    }

    /// A recording as 16 kHz mono S16 without a header.
    static func decoded(_ path: String) throws -> Data {
        let reader = try SampleReader(FileCapture(path: path))
        var samples: [Float] = []
        var block = [Float](repeating: 0, count: 16_000)
        while true {
            var span = block.mutableSpan
            let count = try reader.read(into: &span)
            if count == 0 { break }
            samples += block[..<count]
        }
        return Data(SoundEncoding.s16.bytes(of: samples))
    }

    /// Silence of a length in seconds, as S16.
    static func silence(seconds: Int) -> Data { Data(count: seconds * 32_000) }

    /// A WAV file around S16 samples of 16 kHz.
    static func wav(_ samples: Data) -> Data {
        Data(SoundFile(samples: [], sampleRate: 16_000, declaredByteCount: UInt32(samples.count)).bytes)
            + samples
    }
}
