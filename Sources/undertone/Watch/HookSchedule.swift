// SPDX-License-Identifier: Apache-2.0

/// Decides which events a hook gets, and when.
///
/// The newest event waits while the hook may not start; older ones are skipped and counted, so that a slow hook sees the
/// present and not a backlog.
package struct HookSchedule: Sendable {
    private let parallel: Int
    private let interval: Double
    private var waiting: String?
    private var running = 0
    private var latestStart = -Double.infinity
    private var skipped = 0

    /// - Parameters:
    ///   - parallel: hooks that may run at the same time, at least 1.
    ///   - rate: starts a second at most; nil for no limit.
    package init(parallel: Int, rate: Double?) {
        self.parallel = max(1, parallel)
        interval = rate.map { 1 / $0 } ?? 0
    }

    /// Takes an event. One that waited already is skipped.
    package mutating func offer(_ line: String) {
        if waiting != nil { skipped += 1 }
        waiting = line
    }

    /// The event with which a hook starts now; nil if none does. `now` is in seconds of a clock that never jumps.
    package mutating func start(at now: Double) -> String? {
        guard let line = waiting, running < parallel, now - latestStart >= interval else { return nil }
        waiting = nil
        running += 1
        latestStart = now
        return line
    }

    /// A hook ended, or did not start.
    package mutating func finish() { running = max(0, running - 1) }

    /// Events skipped since the last call.
    package mutating func takeSkipped() -> Int {
        defer { skipped = 0 }
        return skipped
    }
}

/// Counts what goes wrong with a hook, so that it is reported in one sentence every few seconds.
package struct HookTally: Sendable {
    private var skipped = 0
    private var overdue = 0
    private var failures: [String: Int] = [:]
    private var latest = -Double.infinity
    private static let interval = 5.0

    package init() {}

    package mutating func addSkipped(_ count: Int) { skipped += count }
    package mutating func addOverdue() { overdue += 1 }
    package mutating func addFailure(_ reason: String) { failures[reason, default: 0] += 1 }

    /// The sentence to write at `now`, in seconds; nil if there is nothing to report, or if the last one is recent.
    package mutating func sentence(at now: Double, isLast: Bool = false) -> String? {
        guard isLast || now - latest >= Self.interval, !parts.isEmpty else { return nil }
        defer { (skipped, overdue, failures, latest) = (0, 0, [:], now) }
        return "hook: " + parts.joined(separator: ", ")
    }

    private var parts: [String] {
        let ends = failures.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        return (skipped > 0 ? ["\(skipped) skipped because it was busy or over --rate"] : [])
            + (overdue > 0 ? ["\(overdue) ended after --time-limit"] : []) + ends
    }
}
