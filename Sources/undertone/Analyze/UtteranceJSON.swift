// SPDX-License-Identifier: Apache-2.0
import EmotionEvents

/// Utterances as JSON Lines; fields are named as in the socket's estimates where they mean the same.
package struct UtteranceJSON: UtteranceWriter {
    private let labels: [String]

    /// A writer for a model with these labels.
    package init(labels: [String]) { self.labels = labels }

    package var header: String { "" }

    package func text(_ table: UtteranceTable) -> String {
        table.rows.map { row in
            JSONWriter.line { writer in
                writer.field("type", "utterance")
                writer.field("file", table.file)
                if let channel = table.channel { writer.field("channel", channel) }
                writer.field("utt", row.number)
                writer.field("start_s", row.start, decimals: 3)
                writer.field("end_s", row.end, decimals: 3)
                write(row, to: &writer)
                writer.field("speech_s", row.speechSeconds, decimals: 3)
                writer.field("level_db", row.level, decimals: 1)
                writer.field("voice_s", row.voiceSeconds, decimals: 1)
            }
        }.joined()
    }

    private func write(_ row: UtteranceRow, to writer: inout JSONWriter) {
        guard let label = row.label, let confidence = row.confidence else {
            writer.null("label")
            writer.field("why", row.reason ?? "")
            writer.null("p")
            return writer.null("conf")
        }
        writer.field("label", label)
        writer.beginObject("p")
        for (name, value) in zip(labels, row.probabilities) {
            writer.field(named: name, value, decimals: 4)
        }
        writer.endObject()
        writer.field("conf", confidence, decimals: 4)
    }
}
