// SPDX-License-Identifier: Apache-2.0
import RandomBits

/// A small seeded generator: the same seed gives the same numbers on every machine and in every run.
public struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// Starts the sequence for `seed`.
    public init(seed: UInt64) { state = seed }

    /// Starts a separate sequence for `name`, so that random numbers for one clip do not depend on other clips.
    public init(seed: UInt64, name: String) {
        self.init(seed: stableHash(of: name, seed: seed))
    }

    /// The next 64 random bits.
    public mutating func next() -> UInt64 { SplitMix64Bits.next(&state) }

    /// True with the given probability.
    public mutating func happens(_ probability: Double) -> Bool {
        Double.random(in: 0..<1, using: &self) < probability
    }
}

/// FNV-1a over the UTF-8 of `text`: unlike `Hasher`, the same in every process.
func stableHash(of text: String, seed: UInt64 = 0) -> UInt64 {
    text.utf8.reduce(0xCBF2_9CE4_8422_2325 ^ seed) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
}
