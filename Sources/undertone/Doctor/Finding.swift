// SPDX-License-Identifier: Apache-2.0
public import EmotionEvents
public import ServiceRuntime

/// What one check found.
public struct Finding: Sendable, Equatable {
    /// What the shell is told of a failure.
    public typealias Status = ExitStatus

    /// Whether it is as it should be.
    public enum Verdict: String, Sendable, CaseIterable {
        /// As it should be.
        case ok
        /// It works, but something should be known.
        case warn
        /// It does not work.
        case fail
        /// It could not be looked at, or means nothing here.
        case skipped
    }

    /// The check, one word for programs.
    public var check: String
    /// What was looked at, for people.
    public var looked: String
    /// What was seen there.
    public var seen: String
    /// Whether that is good.
    public var verdict: Verdict
    /// What to do about it; nil where nothing is to be done.
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

/// All findings of one visit.
public struct Findings: Sendable {
    /// In the order in which they were made.
    public private(set) var all: [Finding] = []

    /// Nothing looked at yet.
    public init() {}

    /// Adds a finding.
    public mutating func add(_ finding: Finding) { all.append(finding) }

    /// How many findings have this verdict.
    public func count(_ verdict: Finding.Verdict) -> Int { all.count { $0.verdict == verdict } }

    /// Success if nothing failed; the status of what failed if that is one thing, else ``ExitStatus/other``.
    public var status: ExitStatus {
        let statuses = Set(all.filter { $0.verdict == .fail }.map(\.status))
        return statuses.isEmpty ? .success : statuses.count == 1 ? statuses.first ?? .other : .other
    }
}
