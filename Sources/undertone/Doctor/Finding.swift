// SPDX-License-Identifier: Apache-2.0
public import EmotionEvents
public import ServiceRuntime

/// Result of one check.
public struct Finding: Sendable, Equatable {
    /// The exit status of a failure.
    public typealias Status = ExitStatus

    /// Result of a check in one word.
    public enum Verdict: String, Sendable, CaseIterable {
        /// As it should be.
        case ok
        /// It works, but with a limitation or risk.
        case warn
        /// It does not work.
        case fail
        /// It could not be checked, or does not apply here.
        case skipped
    }

    /// The check, one word for programs.
    public var check: String
    /// The item that was checked, for people.
    public var looked: String
    /// The observation.
    public var seen: String
    /// The verdict on it.
    public var verdict: Verdict
    /// The action to take; nil if none is needed.
    public var remedy: String?
    /// The exit status of a failure.
    public var status: ExitStatus

    /// A finding from its parts.
    public init(
        _ check: String,
        at looked: String,
        _ verdict: Verdict,
        seen: String,
        remedy: String? = nil,
        status: ExitStatus = .other
    ) {
        (self.check, self.looked, self.seen) = (check, looked, seen)
        (self.verdict, self.remedy, self.status) = (verdict, remedy, status)
    }

    /// Appends the fields to the object that is open in `writer`.
    public func write(to writer: inout JSONWriter) {
        writer.field("type", "check")
        writer.field("check", check)
        writer.field("looked_at", looked)
        writer.field("seen", seen)
        writer.field("verdict", verdict.rawValue)
        if let remedy { writer.field("remedy", remedy) } else { writer.null("remedy") }
    }
}

/// All findings of one run.
public struct Findings: Sendable {
    /// The findings, in the order in which they were made.
    public private(set) var all: [Finding] = []

    /// No findings yet.
    public init() {}

    /// Adds a finding.
    public mutating func add(_ finding: Finding) { all.append(finding) }

    /// Number of findings with this verdict.
    public func count(_ verdict: Finding.Verdict) -> Int { all.count { $0.verdict == verdict } }

    /// Success if nothing failed; the failures' status if they have the same one, else ``ExitStatus/other``.
    public var status: ExitStatus {
        let statuses = Set(all.filter { $0.verdict == .fail }.map(\.status))
        return statuses.isEmpty ? .success : statuses.count == 1 ? statuses.first ?? .other : .other
    }
}
