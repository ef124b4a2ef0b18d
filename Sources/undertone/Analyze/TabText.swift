// SPDX-License-Identifier: Apache-2.0
import PlainText

/// Utterances as tab-delimited text that ELAN imports: tiers `emotion` and `confidence`, times in seconds.
package struct ELANTable: UtteranceWriter {
    /// A writer.
    package init() {}

    package var header: String { "tier\tbegin\tend\tduration\tannotation\n" }

    package func text(_ table: UtteranceTable) -> String {
        let emotions = table.rows.map { line("emotion", $0, $0.label ?? "(\($0.reason ?? "no label"))") }
        let confidences = table.rows.compactMap { row in
            row.confidence.map { line("confidence", row, decimal($0, 4)) }
        }
        return (emotions + confidences).joined()
    }

    private func line(_ tier: String, _ row: UtteranceRow, _ text: String) -> String {
        let times = [row.start, row.end, row.end - row.start].map { decimal($0, 3) }
        return ([tier] + times + [plainText(text)]).joined(separator: "\t") + "\n"
    }
}

/// Utterances as Rich Transcription Time Marked (`.rttm`): `SPEAKER` lines whose name is the label, whose file identifier
/// is the recording's name without its extension, and whose confidence is the label's. Without a label the name is
/// `no_label`.
package struct RTTM: UtteranceWriter {
    /// A writer.
    package init() {}

    package var header: String { "" }

    package func text(_ table: UtteranceTable) -> String {
        let file = word(table.stem)
        return table.rows.map { row in
            let times = [row.start, max(0.001, row.end - row.start)].map { decimal($0, 3) }
            let confidence = row.confidence.map { decimal($0, 4) } ?? "<NA>"
            let fields =
                ["SPEAKER", file, "\(table.channel ?? 1)"] + times
                + ["<NA>", "<NA>", word(row.label ?? "no_label"), confidence, "<NA>"]
            return fields.joined(separator: " ") + "\n"
        }.joined()
    }

    /// Fields are separated by spaces, so none may hold one.
    private func word(_ text: String) -> String {
        plainText(text).split(whereSeparator: \.isWhitespace).joined(separator: "_")
    }
}

/// Utterances for people, one line each.
package struct UtteranceText: UtteranceWriter {
    private let labels: [String]

    /// A writer for a model with these labels.
    package init(labels: [String]) { self.labels = labels }

    package var header: String { "   start      end  \(padded("label"))  conf  speech   level  file\n" }

    package func text(_ table: UtteranceTable) -> String {
        table.rows.map { row in
            let confidence = row.confidence.map { decimal($0, 2) } ?? "   -"
            let label = padded(plainText(row.label ?? "(\(row.reason ?? "no label"))"))
            let figures = left(decimal(row.speechSeconds, 1), 4) + " s  " + left(decimal(row.level, 1), 6)
            let file = plainText(table.file) + (table.channel.map { ", channel \($0)" } ?? "")
            return left(decimal(row.start, 2), 8) + " " + left(decimal(row.end, 2), 8) + "  " + label + "  "
                + confidence + "  " + figures + "  " + file + "\n"
        }.joined()
    }

    private func padded(_ text: String) -> String {
        let width = max(11, labels.map(\.count).max() ?? 0)
        return text + String(repeating: " ", count: max(0, width - text.count))
    }

    private func left(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
