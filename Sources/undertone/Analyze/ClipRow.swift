// SPDX-License-Identifier: Apache-2.0
import EmotionEvents
import EmotionStream
import PlainText
import ServiceRuntime

/// Result for one recording.
struct ClipRow {
    let file: String
    /// The channel, from 1; nil for the mean of all.
    let channel: Int?
    let summary: ClipSummary
    /// Names of the model's labels.
    let labels: [String]
    /// Length of the recording, at 16 kHz.
    let sampleCount: Int64

    var speechSeconds: Double { Double(summary.heardMilliseconds) / 1_000 }
    var durationSeconds: Double { Double(sampleCount) / Double(audioClockRate) }
    var confidence: Double { summary.verdict.label.map { Double(summary.probabilities[$0]) } ?? 0 }

    var reason: String? { summary.verdict.reason }

    /// Number of utterances with each label, in the model's order; several entries where the mean covers several labels.
    var labelCounts: [(label: String, count: Int)] {
        labels.indices.compactMap { index in
            let count = summary.utterances.count { $0.verdict.label == index }
            return count == 0 ? nil : (labels[index], count)
        }
    }
}

/// Writes the rows of `undertone analyze` in one of its three shapes.
protocol ClipFormat {
    /// Text above the first row; nil for none.
    var header: String? { get }
    func line(_ row: ClipRow) -> String
}

/// One JSON object a line, with the fields of the socket's estimates where they mean the same.
struct ClipJSON: ClipFormat {
    let labels: [String]
    let attributes: [String]
    var header: String? { nil }

    func line(_ row: ClipRow) -> String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("type", "clip")
        writer.field("file", row.file)
        if let channel = row.channel { writer.field("channel", channel) }
        if let label = row.summary.verdict.label {
            writer.field("label", labels[label])
        } else {
            writer.null("label")
            writer.field("why", row.reason ?? "")
        }
        write(probabilitiesOf: row, to: &writer)
        if !attributes.isEmpty {
            writer.beginObject("dims")
            for (index, name) in attributes.enumerated() {
                writer.field(named: name, Double(row.summary.attributes[index]), decimals: 3)
            }
            writer.endObject()
        }
        writer.field("speech_s", row.speechSeconds, decimals: 3)
        writer.field("duration_s", row.durationSeconds, decimals: 3)
        writer.field("utterances", row.summary.utterances.count)
        writer.beginObject("labels")
        for (label, count) in row.labelCounts { writer.field(named: label, Double(count), decimals: 0) }
        writer.endObject()
        writer.endObject()
        writer.endLine()
        return writer.text
    }

    /// Without a label there are none: equal ones would spoil averages.
    private func write(probabilitiesOf row: ClipRow, to writer: inout JSONWriter) {
        guard row.reason == nil else {
            writer.null("p")
            return writer.null("conf")
        }
        writer.beginObject("p")
        for (index, label) in labels.enumerated() {
            writer.field(named: label, Double(row.summary.probabilities[index]), decimals: 4)
        }
        writer.endObject()
        writer.field("conf", row.confidence, decimals: 4)
    }
}

/// Comma-separated values with a header (RFC 4180, but with plain newlines).
struct ClipCSV: ClipFormat {
    let labels: [String]
    let attributes: [String]

    var header: String? {
        let names =
            ["file", "label", "why", "conf"] + labels + attributes
            + ["speech_s", "duration_s", "utterances", "labels", "channel"]
        return names.map(csvQuoted).joined(separator: ",") + "\n"
    }

    func line(_ row: ClipRow) -> String {
        let label = row.summary.verdict.label.map { labels[$0] } ?? ""
        let hasLabel = row.reason == nil
        let probabilities = labels.indices.map {
            hasLabel ? Plain.number(Double(row.summary.probabilities[$0]), 4) : ""
        }
        let values = attributes.indices.map { Plain.number(Double(row.summary.attributes[$0]), 3) }
        let place = [Plain.number(row.speechSeconds, 3), Plain.number(row.durationSeconds, 3)]
        let confidence = hasLabel ? Plain.number(row.confidence, 4) : ""
        let words = [row.file, label, row.reason ?? "", confidence].map(csvQuoted)
        let counts = row.labelCounts.map { "\($0.label) \($0.count)" }.joined(separator: "; ")
        let rest = ["\(row.summary.utterances.count)", csvQuoted(counts), row.channel.map(String.init) ?? ""]
        let fields = words + probabilities + values + place + rest
        return fields.joined(separator: ",") + "\n"
    }
}

/// Columns for people.
struct ClipTable: ClipFormat {
    let labels: [String]
    let attributes: [String]
    private var widest: Int { max(9, labels.map(\.count).max() ?? 0) }

    var header: String? {
        Plain.padRight("label", widest) + "  conf  " + attributes.map { $0 + "  " }.joined()
            + "speech  utterances  file\n"
    }

    func line(_ row: ClipRow) -> String {
        let label = row.summary.verdict.label.map { labels[$0] } ?? "(" + (row.reason ?? "") + ")"
        let confidence = row.reason == nil ? Plain.number(row.confidence, 2) : "   -"
        let speech = Plain.pad(Plain.number(row.speechSeconds, 1) + " s", 6)
        let count = Plain.pad(String(row.summary.utterances.count), 10)
        let values = attributes.enumerated().map { index, name in
            Plain.pad(Plain.number(Double(row.summary.attributes[index]), 2), name.count) + "  "
        }
        return Plain.padRight(plainText(label), widest) + "  " + confidence + "  " + values.joined() + speech
            + "  "
            + count + "  "
            + plainText(row.file) + (row.channel.map { ", channel \($0)" } ?? "") + "\n"
    }
}
