// SPDX-License-Identifier: Apache-2.0
import Foundation

/// A line or a microphone that passes only a band of frequencies.
public struct BandLimit: Codable, Hashable, Sendable {
    /// Share of clips that are limited.
    public let probability: Double
    /// Lower edge of the band, lowest and highest, in Hz.
    public let fromHz: [Double]
    /// Upper edge of the band, lowest and highest, in Hz.
    public let toHz: [Double]

    /// Sets each property to the parameter of its name.
    public init(probability: Double, fromHz: [Double], toHz: [Double]) {
        (self.probability, self.fromHz, self.toHz) = (probability, fromHz, toHz)
    }

    var problem: String? {
        if !(0...1).contains(probability) { return "probability must be between 0 and 1" }
        if let problem = fromHz.rangeProblem { return "fromHz \(problem)" }
        if let problem = toHz.rangeProblem { return "toHz \(problem)" }
        return fromHz[0] >= 0 && fromHz[1] < toHz[0] ? nil : "fromHz must be positive and below toHz"
    }

    /// Returns `samples` filtered to a random band, or unchanged.
    func vary(_ samples: [Float], sampleRate: Int, using random: inout SplitMix64) -> [Float] {
        guard random.happens(probability) else { return samples }
        let filter = BandFilter(
            fromHz: draw(fromHz, &random),
            toHz: draw(toHz, &random),
            sampleRate: sampleRate
        )
        return filter.sound(of: samples)
    }
}

/// A band-pass filter without delay: a windowed sinc, which is symmetric.
///
/// 401 taps of a Blackman window reach -70 dB within 110 Hz outside each edge of the band, at 16 kHz.
public struct BandFilter: Sendable {
    private static let halfLength = 200
    /// Taps from the middle outwards.
    private let taps: [Float]

    /// - Parameters:
    ///   - fromHz: lower edge; 0 for none.
    ///   - toHz: upper edge.
    ///   - sampleRate: in Hz.
    public init(fromHz: Double, toHz: Double, sampleRate: Int) {
        let (low, high) = (fromHz / Double(sampleRate), min(0.5, toHz / Double(sampleRate)))
        taps = (0...Self.halfLength).map { index in
            let phase = Double.pi * Double(index) / Double(Self.halfLength)
            let window = 0.42 + 0.5 * cos(phase) + 0.08 * cos(2 * phase)
            let step = Double(index) * 2 * .pi
            let sinc =
                index == 0
                ? 2 * (high - low) : (sin(step * high) - sin(step * low)) / (.pi * Double(index))
            return Float(window * sinc)
        }
    }

    /// Returns the filtered `samples`, with the same length.
    public func sound(of samples: [Float]) -> [Float] {
        var passed = samples.map { $0 * taps[0] }
        samples.withUnsafeBufferPointer { source in
            passed.withUnsafeMutableBufferPointer { target in
                // As in a room, each tap adds two scaled, shifted copies: contiguous runs become SIMD.
                for shift in 1..<max(1, min(taps.count, source.count)) {
                    let tap = taps[shift]
                    for index in shift..<source.count { target[index] += tap * source[index - shift] }
                    for index in 0..<source.count - shift { target[index] += tap * source[index + shift] }
                }
            }
        }
        return passed
    }
}
