// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport

/// Output of `tools/golden/features.py`, with its input samples.
enum Golden {
    static let voices = ["angry", "happy", "sad"]

    /// Samples of a 16-bit mono WAV file, full scale -1...1.
    static func samples(_ voice: String) throws -> [Float] {
        let bytes = try data("\(voice).wav")
        guard bytes.starts(with: Array("RIFF".utf8)),
            let start = bytes.range(of: Data("data".utf8))?.upperBound
        else { throw Missing(name: "\(voice).wav") }
        return bytes.dropFirst(start + 4).withUnsafeBytes { raw in
            (0..<raw.count / 2).map {
                Float(Int16(littleEndian: raw.loadUnaligned(fromByteOffset: 2 * $0, as: Int16.self))) / 32_768
            }
        }
    }

    /// kaldi-native-fbank's log-mel frames, row-major `[frames, 80]`.
    static func filterBank(_ voice: String) throws -> [Float] {
        try data("\(voice).fbank.f32").withUnsafeBytes { raw in
            (0..<raw.count / 4).map {
                Float(
                    bitPattern: UInt32(
                        littleEndian: raw.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)
                    )
                )
            }
        }
    }

    /// Praat's pitch in hertz for each feature frame, 0 where unvoiced; by clip.
    static func contours(_ file: String) throws -> [String: [Float]] {
        try JSONDecoder().decode([String: [Float]].self, from: data(file))
    }

    private static func data(_ name: String) throws -> Data {
        try Data(contentsOf: Fixtures.url("golden/features/" + name))
    }

    struct Missing: Error {
        let name: String
    }
}

/// Samples of a steady hiss, full scale 1, with the given root mean square in decibels.
func noise(seconds: Double, decibels: Double, seed: UInt64 = 1) -> [Float] {
    var random = SeededRandom(seed: seed)
    let amplitude = pow(10, decibels / 20) * sqrt(3)
    return (0..<Int(seconds * 16_000)).map { _ in Float(amplitude * Double.random(in: -1...1, using: &random))
    }
}

/// Samples that are all 0.
func digitalSilence(seconds: Double) -> [Float] { Array(repeating: 0, count: Int(seconds * 16_000)) }

/// A buzz rich in harmonics; `hertz` returns the pitch at a time in seconds.
func buzz(seconds: Double, hertz: (Double) -> Double) -> [Float] {
    var phase = 0.0
    return (0..<Int(seconds * 16_000)).map { n in
        phase += 2 * .pi * hertz(Double(n) / 16_000) / 16_000
        var sum = 0.0
        for harmonic in 1...12 { sum += 0.1 / Double(harmonic) * sin(Double(harmonic) * phase) }
        return Float(sum)
    }
}

/// The signal after a second of faint hiss, which continues under the signal.
func inRoom(_ signal: [Float]) -> [Float] {
    let hiss = noise(seconds: 1 + Double(signal.count) / 16_000, decibels: -70)
    return hiss.indices.map { hiss[$0] + ($0 < 16_000 ? 0 : signal[$0 - 16_000]) }
}
