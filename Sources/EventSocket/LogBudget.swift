// SPDX-License-Identifier: Apache-2.0

/// Decides which log lines of one kind are written: a few immediately, then one a minute. Pure.
package struct LogBudget: Sendable {
    /// Lines that a full budget writes immediately.
    package static let burst = 10
    /// Time after which one more is written, in nanoseconds.
    package static let refill: Int64 = 60_000_000_000

    private var left = burst
    private var refilled: Int64?
    /// Lines withheld since the last one written.
    package private(set) var withheld = 0

    /// A full budget.
    package init() {}

    /// True if another line may be written at `now` (nanoseconds, monotonic). If not, it counts as withheld.
    package mutating func mayWrite(at now: Int64) -> Bool {
        // After a withheld line, its report comes first.
        if withheld == 0, spend(at: now) { return true }
        withheld += 1
        return false
    }

    /// Returns the number of withheld lines once a line may report them; else nil.
    package mutating func takeWithheld(at now: Int64) -> Int? {
        guard withheld > 0, spend(at: now) else { return nil }
        defer { withheld = 0 }
        return withheld
    }

    /// True if no line was spent or withheld: such a budget need not be kept.
    package mutating func isUnused(at now: Int64) -> Bool {
        earn(until: now)
        return left == Self.burst && withheld == 0
    }

    private mutating func spend(at now: Int64) -> Bool {
        earn(until: now)
        guard left > 0 else { return false }
        left -= 1
        return true
    }

    private mutating func earn(until now: Int64) {
        let start = refilled ?? now
        let earned = max(0, (now - start) / Self.refill)
        left = min(Self.burst, left + Int(clamping: earned))
        refilled = left == Self.burst ? now : start + earned * Self.refill
    }
}
