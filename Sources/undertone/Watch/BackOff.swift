// SPDX-License-Identifier: Apache-2.0

/// Delays between attempts: 100 ms, twice as long after each, at most 5 s.
package struct BackOff: Sendable {
    private var next = Duration.milliseconds(100)
    private static let longest = Duration.seconds(5)

    /// Starts with the shortest delay.
    package init() {}

    /// The delay before the next attempt.
    package mutating func take() -> Duration {
        defer { next = min(next * 2, Self.longest) }
        return next
    }
}
