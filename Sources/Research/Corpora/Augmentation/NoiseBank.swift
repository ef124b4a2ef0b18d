// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Recorded noises; random parts of any length are used at any level.
public struct NoiseBank: Sendable {
    private let noises: [[Float]]

    /// Stores recordings, mono and at one rate; silent ones are left out.
    public init(_ recordings: [[Float]]) {
        noises = recordings.filter { rootMeanSquare($0[...]) > 1e-4 }
    }

    /// Number of recordings that are not silent.
    public var count: Int { noises.count }

    /// Adds a random noise to the whole of `samples`, at the given root mean square.
    ///
    /// A recording shorter than `samples` is repeated. The level is that of the random part, not of the whole recording. For
    /// a nearly silent part the level of its recording is used instead, so that a recording with one bark in five seconds is
    /// not amplified a thousand times.
    public func add(to samples: inout [Float], level: Float, using random: inout some RandomNumberGenerator) {
        guard let noise = noises.randomElement(using: &random), !samples.isEmpty else { return }
        let start = Int.random(in: 0..<noise.count, using: &random)
        let stretch = samples.indices.map { noise[(start + $0) % noise.count] }
        let gain = level / max(rootMeanSquare(stretch[...]), rootMeanSquare(noise[...]) / 2)
        for index in samples.indices { samples[index] += gain * stretch[index] }
    }
}

/// The level of `samples`; 0 if it is empty.
package func rootMeanSquare(_ samples: ArraySlice<Float>) -> Float {
    guard !samples.isEmpty else { return 0 }
    return sqrt(samples.reduce(0) { $0 + $1 * $1 } / Float(samples.count))
}
