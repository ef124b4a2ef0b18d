// SPDX-License-Identifier: Apache-2.0

/// Utterances as comma-separated values (RFC 4180, but with plain newlines); times in seconds, levels in dBFS.
package struct UtteranceCSV: UtteranceWriter {
    private let labels: [String]

    /// A writer for a model with these labels.
    package init(labels: [String]) { self.labels = labels }

    package var header: String {
        let places = ["file", "channel", "utterance", "start_s", "end_s", "label", "why", "conf"]
        return line(places + labels.map { "p_" + $0 } + ["speech_s", "level_db", "voice_s"])
    }

    package func text(_ table: UtteranceTable) -> String {
        table.rows.map { line(cells($0, table)) }.joined()
    }

    private func cells(_ row: UtteranceRow, _ table: UtteranceTable) -> [String] {
        let place = [table.file, table.channel.map(String.init) ?? "", "\(row.number)"]
        let times = [decimal(row.start, 3), decimal(row.end, 3)]
        let verdict = [row.label ?? "", row.reason ?? "", row.confidence.map { decimal($0, 4) } ?? ""]
        let probabilities = labels.indices.map {
            row.probabilities.indices.contains($0) ? decimal(row.probabilities[$0], 4) : ""
        }
        let rest = [decimal(row.speechSeconds, 3), decimal(row.level, 1), decimal(row.voiceSeconds, 1)]
        return place + times + verdict + probabilities + rest
    }

    private func line(_ cells: [String]) -> String { cells.map(csvQuoted).joined(separator: ",") + "\n" }
}

/// A cell of comma-separated values, in quotes where it needs them.
func csvQuoted(_ text: String) -> String {
    guard text.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return text }
    return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
        + "\""
}
