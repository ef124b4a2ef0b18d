// SPDX-License-Identifier: Apache-2.0

/// Decides which log lines about clients are written, since any client can cause as many as it likes. Pure.
package struct LogBudget: Sendable {
    /// Lines that are written in each interval.
    package static let linesPerInterval = 10
    private static let interval: Int64 = 10_000_000_000

    private var begin: Int64?
    private var written = 0
    private var withheld = 0

    /// A budget of which nothing is spent.
    package init() {}

    /// Whether one more line may be written at `now` (nanoseconds, monotonic).
    package mutating func mayWrite(at now: Int64) -> Bool {
        if begin.map({ now - $0 >= Self.interval }) ?? true {
            begin = now
            written = 0
        }
        guard written < Self.linesPerInterval else {
            withheld += 1
            return false
        }
        written += 1
        return true
    }

    /// Number of lines that were withheld, once their interval is over; nil while there is nothing to report.
    package mutating func takeWithheld(at now: Int64) -> Int? {
        guard withheld > 0, let begin, now - begin >= Self.interval else { return nil }
        defer { withheld = 0 }
        return withheld
    }
}
