// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Recorded noises, from which any length can be drawn at any level.
public struct NoiseBank: Sendable {
    private let noises: [[Float]]

    /// Takes recordings, mono and at one rate; those that are silent throughout are left out.
    public init(_ recordings: [[Float]]) {
        noises = recordings.filter { rootMeanSquare($0[...]) > 1e-4 }
    }

    /// The number of recordings with something to hear.
    public var count: Int { noises.count }

    /// Adds one drawn noise to the whole of `samples`, at the given root mean square.
    ///
    /// A recording that is shorter than `samples` is repeated. The level is that of the drawn stretch, not of the whole
    /// recording; a stretch that is almost silent is given the level of its recording instead, so that a bark once in
    /// five seconds is not raised a thousandfold.
    public func add(to samples: inout [Float], level: Float, using random: inout some RandomNumberGenerator) {
        guard let noise = noises.randomElement(using: &random), !samples.isEmpty else { return }
        let start = Int.random(in: 0..<noise.count, using: &random)
        let stretch = samples.indices.map { noise[(start + $0) % noise.count] }
        let gain = level / max(rootMeanSquare(stretch[...]), rootMeanSquare(noise[...]) / 2)
        for index in samples.indices { samples[index] += gain * stretch[index] }
    }
}

/// The level of `samples`; 0 if there are none.
package func rootMeanSquare(_ samples: ArraySlice<Float>) -> Float {
    guard !samples.isEmpty else { return 0 }
    return sqrt(samples.reduce(0) { $0 + $1 * $1 } / Float(samples.count))
}
