// SPDX-License-Identifier: Apache-2.0
import EmotionEvents
package import EventSocket
import ServiceRuntime

/// Counts what a daemon reported in one period. Nothing else of it is kept.
package struct WatchSummary: Sendable, Equatable {
    /// Utterances and their seconds of speech.
    package struct Share: Sendable, Equatable {
        package var count = 0
        package var seconds = 0.0
    }

    /// By label.
    package private(set) var labels: [String: Share] = [:]
    /// Utterances without a label.
    package private(set) var unnamed = Share()
    /// Sound that was lost, in seconds.
    package private(set) var lostSeconds = 0.0
    /// Messages that the daemon could not send.
    package private(set) var missedMessages = 0
    /// Times at which the daemon was lost.
    package private(set) var disconnections = 0
    /// Seconds in which the microphone was open.
    package private(set) var openSeconds = 0.0
    /// Seconds of the whole period.
    package private(set) var seconds = 0.0

    package init() {}

    /// Seconds of speech in all utterances.
    package var speechSeconds: Double { labels.values.reduce(unnamed.seconds) { $0 + $1.seconds } }
    /// Number of utterances.
    package var utterances: Int { labels.values.reduce(unnamed.count) { $0 + $1.count } }

    /// Counts a message of the daemon; messages of other kinds change nothing.
    package mutating func add(_ message: JSONValue) {
        switch message["type"]?.string {
        case "estimate" where message["final"]?.bool == true: addUtterance(message)
        case "overrun": lostSeconds += Plain.seconds(Int64(max(0, message["samples"]?.integer ?? 0)))
        case "gap": missedMessages += max(0, message["dropped"]?.integer ?? 0)
        default: break
        }
    }

    private mutating func addUtterance(_ message: JSONValue) {
        let heard = max(0, message["heard_ms"]?.number ?? 0) / 1_000
        guard let label = message["label"]?.string else {
            unnamed.count += 1
            unnamed.seconds += heard
            return
        }
        labels[label, default: Share()].count += 1
        labels[label, default: Share()].seconds += heard
    }

    package mutating func addDisconnection() { disconnections += 1 }

    /// Adds time that passed while the microphone was open, or was not.
    package mutating func pass(_ duration: Double, isOpen: Bool) {
        seconds += duration
        if isOpen { openSeconds += duration }
    }

    /// One line for people, without the time of day.
    package var line: String {
        let shares = labels.sorted { ($1.value.seconds, $0.key) < ($0.value.seconds, $1.key) }
        let named = shares.map { Self.words($0.key, $0.value) }
        let all = named + (unnamed.count > 0 ? [Self.words("no label", unnamed)] : [])
        let list = all.isEmpty ? "" : ": " + all.joined(separator: ", ")
        return "speech \(Self.minutes(speechSeconds)) in " + Plain.count(utterances, "utterance") + list
            + "; microphone open \(Self.minutes(openSeconds)) of \(Self.minutes(seconds))"
            + "; lost \(Plain.number(lostSeconds, 1)) s" + troubles
    }

    private var troubles: String {
        (missedMessages > 0 ? "; missed " + Plain.count(missedMessages, "message") : "")
            + (disconnections > 0 ? "; daemon lost " + Plain.count(disconnections, "time") : "")
    }

    private static func words(_ name: String, _ share: Share) -> String {
        "\(name) \(share.count) (\(minutes(share.seconds)))"
    }

    private static func minutes(_ seconds: Double) -> String { Plain.number(seconds / 60, 1) + " min" }
}

extension WatchSummary {
    /// The summary as a line of JSON, without its newline; times in nanoseconds since 1970.
    package func json(from start: Int64, to end: Int64) -> String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("type", "summary")
        writer.field("from", WallTime.text(nanoseconds: start))
        writer.field("to", WallTime.text(nanoseconds: end))
        writer.field("speech_s", speechSeconds, decimals: 1)
        writer.field("utterances", utterances)
        writer.beginArray("labels")
        for (label, share) in labels.sorted(by: { $0.key < $1.key }) { write(share, label, &writer) }
        if unnamed.count > 0 { write(unnamed, nil, &writer) }
        writer.endArray()
        writer.field("lost_s", lostSeconds, decimals: 3)
        writer.field("missed_messages", missedMessages)
        writer.field("disconnections", disconnections)
        writer.field("open_s", openSeconds, decimals: 1)
        writer.field("period_s", seconds, decimals: 1)
        writer.endObject()
        return writer.text
    }

    private func write(_ share: Share, _ label: String?, _ writer: inout JSONWriter) {
        writer.beginObject()
        if let label { writer.field("label", label) } else { writer.null("label") }
        writer.field("count", share.count)
        writer.field("speech_s", share.seconds, decimals: 1)
        writer.endObject()
    }
}
