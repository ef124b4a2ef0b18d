// SPDX-License-Identifier: Apache-2.0
import Foundation

/// A line or a microphone that lets only a band of frequencies through.
public struct BandLimit: Codable, Hashable, Sendable {
    /// The share of clips that are limited.
    public let probability: Double
    /// Where the band begins, lowest and highest, in Hz.
    public let fromHz: [Double]
    /// Where the band ends, lowest and highest, in Hz.
    public let toHz: [Double]

    /// Each parameter as its property says.
    public init(probability: Double, fromHz: [Double], toHz: [Double]) {
        (self.probability, self.fromHz, self.toHz) = (probability, fromHz, toHz)
    }

    var problem: String? {
        if !(0...1).contains(probability) { return "probability must lie between 0 and 1" }
        if let problem = fromHz.rangeProblem { return "fromHz \(problem)" }
        if let problem = toHz.rangeProblem { return "toHz \(problem)" }
        return fromHz[0] >= 0 && fromHz[1] < toHz[0] ? nil : "fromHz must be positive and below toHz"
    }

    /// `samples` through a drawn band, or as they are.
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

/// A band-pass filter that keeps every sound in its place: a windowed sinc, which is symmetric.
///
/// 401 taps of a Blackman window fall from the band to below -70 dB within 110 Hz to each side of an edge at 16 kHz.
public struct BandFilter: Sendable {
    private static let halfLength = 200
    /// From the middle outwards.
    private let taps: [Float]

    /// - Parameters:
    ///   - fromHz: where the band begins; 0 for none.
    ///   - toHz: where the band ends.
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

    /// What passes of `samples`, as many.
    public func sound(of samples: [Float]) -> [Float] {
        var passed = samples.map { $0 * taps[0] }
        samples.withUnsafeBufferPointer { source in
            passed.withUnsafeMutableBufferPointer { target in
                // As in a room, each tap is two scaled, shifted copies: contiguous runs become SIMD.
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
