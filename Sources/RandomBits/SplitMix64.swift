// SPDX-License-Identifier: Apache-2.0

/// SplitMix64, the generator for all seeded random numbers: the same state gives the same bits on every machine.
///
/// Reference: Steele, Lea & Flood 2014, "Fast splittable pseudorandom number generators", the mixing function of
/// variant 13.
public enum SplitMix64Bits {
    /// Increment of the state for each draw.
    public static let increment: UInt64 = 0x9E37_79B9_7F4A_7C15

    /// The next 64 random bits, and the state after them.
    @inlinable
    public static func next(_ state: inout UInt64) -> UInt64 {
        state &+= increment
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }
}
