// SPDX-License-Identifier: Apache-2.0
import RandomBits

/// Ways to cut one signal into pieces, for the claim "streaming equals whole".
///
/// Every stage gets the same signal in each of these cuts and must give the same result. The idea is from
/// swift-nio's `ByteToMessageDecoderVerifier`.
public struct Cut: Sendable, CustomStringConvertible {
    /// Name of this cut in failure messages.
    public let description: String
    private let sizes: @Sendable (Int) -> [Int]

    private init(_ description: String, _ sizes: @escaping @Sendable (Int) -> [Int]) {
        self.description = description
        self.sizes = sizes
    }

    /// The consecutive ranges that cover `0..<count`.
    public func ranges(of count: Int) -> [Range<Int>] {
        var start = 0
        return sizes(count).map { size in
            defer { start += size }
            return start..<start + size
        }
    }

    /// Pieces of `size` elements, the last one shorter.
    public static func every(_ size: Int) -> Cut {
        Cut("pieces of \(size)") { count in
            Array(repeating: size, count: count / size) + (count % size == 0 ? [] : [count % size])
        }
    }

    /// Pieces of seeded random sizes from 0 to `limit`.
    public static func random(seed: UInt64, limit: Int) -> Cut {
        Cut("random pieces up to \(limit), seed \(seed)") { count in
            var random = SeededRandom(seed: seed)
            var sizes: [Int] = []
            var left = count
            while left > 0 {
                let size = min(left, Int.random(in: 0...limit, using: &random))
                sizes.append(size)
                left -= size
            }
            return sizes
        }
    }

    /// Sizes 1, 2, 3, a prime, one hop less and more, one hop, everything at once, and random ones.
    public static func all(hop: Int) -> [Cut] {
        [1, 2, 3, 97, max(1, hop - 1), hop, hop + 1].map(every)
            + [Cut("all at once") { [$0] }]
            + (1...4).map { random(seed: $0, limit: 3 * hop) }
    }
}

/// A small seeded generator (SplitMix64), so that a failing random test can be run again.
public struct SeededRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// Starts the sequence that belongs to `seed`.
    public init(seed: UInt64) { state = seed }

    /// The next 64 random bits.
    public mutating func next() -> UInt64 { SplitMix64Bits.next(&state) }
}
