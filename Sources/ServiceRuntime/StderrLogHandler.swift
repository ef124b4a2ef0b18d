// SPDX-License-Identifier: Apache-2.0
import Glibc
public import Logging
import PlainText
import Synchronization

/// One line on stderr for each message.
///
/// Under systemd (`JOURNAL_STREAM` is set) the journal adds time and name itself and reads the priority from a
/// `<N>` prefix, sd-daemon(3); elsewhere the line begins with the time of day and the level's name.
public struct StderrLogHandler: LogHandler {
    /// Metadata that follows every message of this logger.
    public var metadata: Logger.Metadata = [:]
    private let threshold: LogThreshold
    private let isJournal: Bool

    /// Messages below this level are not written; the same for all handlers that share a threshold.
    public var logLevel: Logger.Level {
        get { threshold.level }
        set { threshold.level = newValue }
    }

    /// A handler that writes messages at the threshold and above.
    public init(threshold: LogThreshold, environment: [String: String]) {
        self.threshold = threshold
        isJournal = environment["JOURNAL_STREAM"] != nil
    }

    /// The value of one metadata key that follows every message.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes one message; never waits. Messages that could not be written are counted, and the next line reports the count.
    public func log(event: LogEvent) {
        LogOutput.standardError.write(line(event)) { count in
            begin(.warning) + "\(count) messages were not written, since the log was not read\n"
        }
    }

    package func line(_ event: LogEvent) -> String {
        let facts = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        let text = facts.reduce("\(event.message)") { "\($0) \($1.key)=\($1.value)" }
        let whole = event.error.map { "\(text): \($0)" } ?? text
        // One message is one line, whatever the name of a device or file contains.
        return begin(event.level) + plainText(whole) + "\n"
    }

    private func begin(_ level: Logger.Level) -> String {
        isJournal ? "<\(level.syslogPriority)>" : "\(timeOfDay()) \(level) "
    }

    private func timeOfDay() -> String {
        var now = time(nil)
        var parts = tm()
        localtime_r(&now, &parts)
        return [parts.tm_hour, parts.tm_min, parts.tm_sec]
            .map { ($0 < 10 ? "0" : "") + String($0) }.joined(separator: ":")
    }
}

/// The lowest level of messages that are written: one per program, may change while it runs. Any thread.
public final class LogThreshold: Sendable {
    private let current: Mutex<Logger.Level>

    /// A threshold at `level`.
    public init(_ level: Logger.Level) { current = Mutex(level) }

    /// The current level.
    public var level: Logger.Level {
        get { current.withLock { $0 } }
        set { current.withLock { $0 = newValue } }
    }
}

extension Logger.Level {
    /// The number that syslog(3) gives to messages of this level.
    var syslogPriority: Int {
        switch self {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}
