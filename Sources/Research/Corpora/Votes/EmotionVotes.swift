// SPDX-License-Identifier: Apache-2.0

/// Number of listeners who chose each class for one clip; at least one listener voted.
public struct EmotionVotes: Sendable, Hashable {
    /// Votes, by the raw value of the class; none negative.
    public let counts: [Int]

    /// Upper bound of a valid count; a larger one is an error in a table.
    static let most = 1_000_000

    /// Creates votes from `counts`; nil if there are none. Classes that are not in `counts` have no votes.
    public init?(_ counts: [Emotion: Int]) {
        self.counts = Emotion.allCases.map { min(max(0, counts[$0] ?? 0), Self.most) }
        if total == 0 { return nil }
    }

    /// Sum of all votes.
    public var total: Int { counts.reduce(0, +) }

    /// Share of each class in all votes, by raw value; they sum to 1.
    public var shares: [Double] { counts.map { Double($0) / Double(total) } }
}

extension EmotionVotes {
    /// The number of listeners in a field of a table; nil if it is not a valid count.
    static func count(in field: String) -> Int? { Int(field).flatMap { (0...most).contains($0) ? $0 : nil } }
}
