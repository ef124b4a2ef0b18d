// SPDX-License-Identifier: Apache-2.0
import Foundation

/// A simulated room: the direct sound and an exponentially decaying tail of sparse echoes.
///
/// The tail is velvet noise, one echo of random sign at a random position in each cell of a grid. At this density it sounds
/// like dense Gaussian noise, at a fraction of the cost (Karjalainen & Järveläinen 2007, "Reverberation modeling using
/// velvet noise"). The direct sound is not delayed, so speech targets keep their time.
public struct Room: Sendable {
    private struct Echo {
        let delay: Int
        let gain: Float
    }

    /// Number of echoes for each second of the tail.
    private static let echoesPerSecond = 1500
    private let echoes: [Echo]

    /// Creates a random room.
    ///
    /// - Parameters:
    ///   - decaySeconds: time until the tail has fallen by 60 dB.
    ///   - directDecibels: energy of the direct sound relative to that of the tail.
    ///   - sampleRate: in Hz.
    public init(
        decaySeconds: Double,
        directDecibels: Double,
        sampleRate: Int,
        using random: inout some RandomNumberGenerator
    ) {
        let cell = max(1, sampleRate / Self.echoesPerSecond)
        let decayPerSample = pow(10, -3 / (decaySeconds * Double(sampleRate)))
        let raw = (0..<Int(decaySeconds * Double(sampleRate)) / cell).map { index in
            let delay = 1 + index * cell + Int.random(in: 0..<cell, using: &random)
            let gain = pow(decayPerSample, Double(delay))
            return Echo(delay: delay, gain: Float(Bool.random(using: &random) ? gain : -gain))
        }
        let energy = raw.reduce(0) { $0 + Double($1.gain) * Double($1.gain) }
        let scale = Float(sqrt(pow(10, -directDecibels / 10) / max(energy, 1e-12)))
        echoes = raw.map { Echo(delay: $0.delay, gain: $0.gain * scale) }
    }

    /// Returns `samples` in the room, cut to the same length.
    public func sound(of samples: [Float]) -> [Float] {
        var heard = samples
        samples.withUnsafeBufferPointer { dry in
            heard.withUnsafeMutableBufferPointer { wet in
                for echo in echoes where echo.delay < dry.count {
                    // Each echo adds a scaled, shifted copy: both runs are contiguous, so the loop becomes SIMD.
                    for index in echo.delay..<dry.count { wet[index] += echo.gain * dry[index - echo.delay] }
                }
            }
        }
        return heard
    }
}
