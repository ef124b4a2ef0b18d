// SPDX-License-Identifier: Apache-2.0
import PlainText

/// Utterances as a Praat TextGrid in its long form: a tier `emotion` and a tier `confidence`, times in seconds.
///
/// A TextGrid covers its whole recording, so the time between utterances is intervals without text.
package struct TextGrid: UtteranceWriter {
    private typealias Interval = (start: Double, end: Double, text: String)

    /// A writer.
    package init() {}

    package var header: String { "" }

    package func text(_ table: UtteranceTable) -> String {
        // Praat refuses an empty time domain.
        let end = max(table.duration, table.rows.last?.end ?? 0, 0.001)
        let tiers = [
            tier("emotion", number: 1, end: end, of: table) { $0.label ?? "(\($0.reason ?? "no label"))" },
            tier("confidence", number: 2, end: end, of: table) { $0.confidence.map { decimal($0, 4) } ?? "" },
        ]
        return "File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\n" + range(end, "")
            + "tiers? <exists>\nsize = \(tiers.count)\nitem []:\n" + tiers.joined()
    }

    private func tier(
        _ name: String,
        number: Int,
        end: Double,
        of table: UtteranceTable,
        _ text: (UtteranceRow) -> String
    ) -> String {
        let intervals = covering(table.rows, end, text)
        let head =
            "    item [\(number)]:\n        class = \"IntervalTier\"\n        name = \"\(name)\"\n"
            + range(end, "        ")
            + "        intervals: size = \(intervals.count)\n"
        return intervals.enumerated().reduce(into: head) { lines, part in
            let (start, end, text) = part.element
            lines += "        intervals [\(part.offset + 1)]:\n"
            lines += "            xmin = \(decimal(start, 4))\n            xmax = \(decimal(end, 4))\n"
            lines += "            text = \"\(quoted(text))\"\n"
        }
    }

    /// Intervals from 0 to `end` without a gap and without overlap, none of them empty.
    private func covering(
        _ rows: [UtteranceRow],
        _ end: Double,
        _ text: (UtteranceRow) -> String
    ) -> [Interval] {
        var intervals: [Interval] = []
        var place = 0.0
        for row in rows {
            let start = max(place, row.start)
            guard row.end - start > 0.0005 else { continue }
            if start - place > 0.0005 { intervals.append((place, start, "")) }
            intervals.append((intervals.last?.end ?? 0, row.end, text(row)))
            place = row.end
        }
        if end - place > 0.0005 || intervals.isEmpty { intervals.append((place, end, "")) }
        intervals[intervals.count - 1].end = end
        return intervals
    }

    private func range(_ end: Double, _ indent: String) -> String {
        "\(indent)xmin = 0\n\(indent)xmax = \(decimal(end, 4))\n"
    }

    private func quoted(_ text: String) -> String {
        plainText(text).split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
    }
}
