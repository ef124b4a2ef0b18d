// SPDX-License-Identifier: Apache-2.0
import EmotionEvents
import EmotionStream
import PlainText
import ServiceRuntime

/// What one recording sounded like.
struct ClipRow {
    let file: String
    let summary: ClipSummary
    /// Length of the recording, at 16 kHz.
    let sampleCount: Int64

    var speechSeconds: Double { Double(summary.heardMilliseconds) / 1_000 }
    var durationSeconds: Double { Double(sampleCount) / Double(audioClockRate) }
    var confidence: Double { summary.verdict.label.map { Double(summary.probabilities[$0]) } ?? 0 }

    var reason: String? {
        if case .none(let reason) = summary.verdict { "\(reason.word)" } else { nil }
    }
}

/// Writes the rows of `undertone analyze` in one of its three shapes.
protocol ClipFormat {
    /// What stands above the first row; nil for nothing.
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
        if let label = row.summary.verdict.label {
            writer.field("label", labels[label])
        } else {
            writer.null("label")
            writer.field("why", row.reason ?? "")
        }
        writer.beginObject("p")
        for (index, label) in labels.enumerated() {
            writer.field(named: label, Double(row.summary.probabilities[index]), decimals: 4)
        }
        writer.endObject()
        writer.field("conf", row.confidence, decimals: 4)
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
        writer.endObject()
        writer.endLine()
        return writer.text
    }
}

/// Comma-separated values with a header (RFC 4180, but with plain newlines).
struct ClipCSV: ClipFormat {
    let labels: [String]
    let attributes: [String]

    var header: String? {
        let names =
            ["file", "label", "why", "conf"] + labels + attributes + ["speech_s", "duration_s", "utterances"]
        return names.map(quoted).joined(separator: ",") + "\n"
    }

    func line(_ row: ClipRow) -> String {
        let label = row.summary.verdict.label.map { labels[$0] } ?? ""
        let probabilities = labels.indices.map { Plain.number(Double(row.summary.probabilities[$0]), 4) }
        let values = attributes.indices.map { Plain.number(Double(row.summary.attributes[$0]), 3) }
        let place = [Plain.number(row.speechSeconds, 3), Plain.number(row.durationSeconds, 3)]
        let words = [row.file, label, row.reason ?? "", Plain.number(row.confidence, 4)].map(quoted)
        let fields = words + probabilities + values + place + ["\(row.summary.utterances.count)"]
        return fields.joined(separator: ",") + "\n"
    }

    private func quoted(_ text: String) -> String {
        guard text.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return text }
        return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
            + "\""
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
            + plainText(row.file) + "\n"
    }
}
