// SPDX-License-Identifier: Apache-2.0
import Glibc
import RandomBits

/// The only random generator in training. It is seeded, and its state is one number that a checkpoint can hold.
public struct TrainingRandom: RandomNumberGenerator, Sendable, Codable, Equatable {
    /// Current state.
    public var state: UInt64

    /// A generator whose sequence depends on `seed` only.
    public init(seed: UInt64) { state = seed }

    /// The next 64 random bits.
    public mutating func next() -> UInt64 { SplitMix64Bits.next(&state) }

    /// Skips `count` draws.
    mutating func skip(_ count: Int) { state &+= UInt64(count) &* SplitMix64Bits.increment }

    /// Number of dropout-mask values that one draw of 64 bits decides.
    static let numbersPerDropoutDraw = 4

    /// A number from 0 up to but not including 1.
    public mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// A number from the normal distribution of mean 0 and deviation 1 (Box & Muller 1958); takes two draws.
    mutating func normal() -> Double {
        let (distance, turn) = ((-2 * log(1 - unit())).squareRoot(), unit())
        return distance * cos(2 * .pi * turn)
    }

    /// A number from -limit up to but not including limit.
    mutating func uniform<Scalar: TrainingScalar>(_ limit: Scalar) -> Scalar {
        (Scalar(unit()) * 2 - 1) * limit
    }
}
