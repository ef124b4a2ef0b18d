// SPDX-License-Identifier: Apache-2.0

/// How many listeners chose each class for one clip; at least one listener answered.
public struct EmotionVotes: Sendable, Hashable {
    /// Votes, by the raw value of the class; none negative.
    public let counts: [Int]

    /// No crowd is larger; a count above it is a mistake in a table.
    static let most = 1_000_000

    /// The votes in `counts`; `nil` if there is none. Classes that are not named have no vote.
    public init?(_ counts: [Emotion: Int]) {
        self.counts = Emotion.allCases.map { min(max(0, counts[$0] ?? 0), Self.most) }
        if total == 0 { return nil }
    }

    /// All votes.
    public var total: Int { counts.reduce(0, +) }

    /// The share of each class in all votes, by raw value; they sum to 1.
    public var shares: [Double] { counts.map { Double($0) / Double(total) } }
}

extension EmotionVotes {
    /// The number of listeners in a field of a table; `nil` if it is none.
    static func count(in field: String) -> Int? { Int(field).flatMap { (0...most).contains($0) ? $0 : nil } }
}
