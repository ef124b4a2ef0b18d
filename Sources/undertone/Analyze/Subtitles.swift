// SPDX-License-Identifier: Apache-2.0
import PlainText

/// Utterances as SubRip subtitles (`.srt`): one cue an utterance, its text the label and the confidence.
package struct SubRip: UtteranceWriter {
    /// A writer.
    package init() {}

    package var header: String { "" }

    package func text(_ table: UtteranceTable) -> String {
        table.rows.enumerated().map { index, row in
            "\(index + 1)\n\(cueTimes(row, point: ","))\n\(plainText(row.caption))\n\n"
        }.joined()
    }
}

/// Utterances as WebVTT (`.vtt`).
package struct WebVTT: UtteranceWriter {
    /// A writer.
    package init() {}

    package var header: String { "WEBVTT\n\n" }

    package func text(_ table: UtteranceTable) -> String {
        table.rows.map { row in
            "\(row.number)\n\(cueTimes(row, point: "."))\n\(markupEscaped(row.caption))\n\n"
        }.joined()
    }
}

/// Text for XML, HTML and WebVTT: what they would obey is written as an entity.
func markupEscaped(_ text: String) -> String {
    plainText(text).reduce(into: "") { escaped, character in
        switch character {
        case "&": escaped += "&amp;"
        case "<": escaped += "&lt;"
        case ">": escaped += "&gt;"
        case "\"": escaped += "&quot;"
        default: escaped.append(character)
        }
    }
}

/// Start and end of a cue. A cue lasts a millisecond at least: players refuse others.
private func cueTimes(_ row: UtteranceRow, point: String) -> String {
    let start = milliseconds(row.start)
    let end = max(start + 1, milliseconds(row.end))
    return clock(start, point) + " --> " + clock(end, point)
}

private func milliseconds(_ seconds: Double) -> Int {
    seconds.isFinite ? Int((min(max(0, seconds), 1e9) * 1_000).rounded()) : 0
}

private func clock(_ milliseconds: Int, _ point: String) -> String {
    let seconds = milliseconds / 1_000
    let parts = [seconds / 3_600, seconds / 60 % 60, seconds % 60].map { padded($0, 2) }
    return parts.joined(separator: ":") + point + padded(milliseconds % 1_000, 3)
}

private func padded(_ number: Int, _ width: Int) -> String {
    String(repeating: "0", count: max(0, width - String(number).count)) + "\(number)"
}
