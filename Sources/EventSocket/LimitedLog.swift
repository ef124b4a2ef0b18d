// SPDX-License-Identifier: Apache-2.0
import Glibc
public import Logging
import Synchronization

/// The log lines that others can cause: clients, devices, a slow machine. Any thread.
///
/// Each kind has a ``LogBudget`` for each user, so no client can fill the log or hide lines of another user. The last
/// withheld line is written, with the number of withheld lines, as soon as the budget allows.
public final class LimitedLog: Sendable {
    /// Kinds of lines, each with its own limit.
    public enum Kind: Sendable, Hashable {
        case connected, refused, evicted, lostEvents
        /// A command of the owner, successful or refused.
        case command
        /// A command of a client of the events socket.
        case clientCommand
        case capture, realTime
    }

    private struct Key: Hashable {
        let kind: Kind
        let user: UInt32?
    }

    private struct Entry {
        var budget = LogBudget()
        var last: Line?
    }

    private struct Line {
        let level: Logger.Level
        let message: Logger.Message
        var metadata: Logger.Metadata
    }

    /// Largest number of budgets; beyond it, users share one.
    private static let most = 256
    private let logger: Logger
    private let entries = Mutex<[Key: Entry]>([:])

    /// A log that writes lines within the budgets to `logger`.
    public init(_ logger: Logger) { self.logger = logger }

    /// Writes a line, or withholds it and reports it later.
    ///
    /// - Parameter user: the user who caused it, if one did.
    public func write(
        _ kind: Kind,
        _ level: Logger.Level,
        _ message: Logger.Message,
        metadata: Logger.Metadata = [:],
        user: UInt32? = nil
    ) {
        guard level >= logger.logLevel else { return }
        let line = Line(level: level, message: message, metadata: metadata)
        if keep(line, Key(kind: kind, user: user), at: Self.now()) { write(line) }
    }

    /// Reports withheld lines whose budget allows it. Call about once a second.
    public func writeWithheld() {
        for line in takeWithheld(at: Self.now()) { write(line) }
    }

    private func write(_ line: Line) { logger.log(level: line.level, line.message, metadata: line.metadata) }

    private func keep(_ line: Line, _ key: Key, at now: Int64) -> Bool {
        entries.withLock { entries in
            if entries[key] == nil, entries.count >= Self.most {
                for key in Array(entries.keys) where entries[key]?.budget.isUnused(at: now) == true {
                    entries[key] = nil
                }
            }
            let isFull = entries[key] == nil && entries.count >= Self.most
            let key = isFull ? Key(kind: key.kind, user: nil) : key
            var entry = entries[key] ?? Entry()
            defer { entries[key] = entry }
            if entry.budget.mayWrite(at: now) { return true }
            entry.last = line
            return false
        }
    }

    private func takeWithheld(at now: Int64) -> [Line] {
        entries.withLock { entries in
            Array(entries.keys).compactMap { key in
                guard let count = entries[key]?.budget.takeWithheld(at: now),
                    var line = entries[key]?.last.take()
                else { return nil }
                if count > 1 { line.metadata["withheld"] = "\(count - 1)" }
                return line
            }
        }
    }

    private static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
