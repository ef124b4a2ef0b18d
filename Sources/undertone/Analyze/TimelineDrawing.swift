// SPDX-License-Identifier: Apache-2.0
import PlainText

/// Recordings as an SVG drawing for papers: outline, utterances with labels, stacked probabilities, one below the other.
package struct TimelineDrawing {
    /// The beginning of each drawing, by which one is recognised.
    package static let mark = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- undertone analyze -->\n"

    private static let (width, waveHeight, stackHeight, partHeight) = (1_000.0, 70.0, 90.0, 240.0)
    private let labels: [String]
    private var parts: [String] = []

    /// An empty drawing for a model with these labels.
    package init(labels: [String]) { self.labels = labels }

    /// Adds a recording below the others.
    package mutating func add(_ table: UtteranceTable, _ timeline: Timeline) {
        let scale = Self.width / max(0.1, table.duration)
        let name = table.file + (table.channel.map { ", channel \($0)" } ?? "")
        let top = decimal(Double(parts.count) * Self.partHeight + 10, 0)
        parts.append(
            "<g transform=\"translate(20 \(top))\">\n<text y=\"12\" font-weight=\"bold\">\(markupEscaped(name))</text>\n"
                + speech(timeline, scale) + wave(timeline, scale) + stack(timeline, table, scale)
                + table.rows.map { caption($0, scale) }.joined() + axis(table.duration, scale) + "</g>\n"
        )
    }

    /// The whole drawing.
    package var svg: String {
        let height = decimal(Double(parts.count) * Self.partHeight + 40, 0)
        return Self.mark
            + "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1040 \(height)\" font-family=\"sans-serif\" "
            + "font-size=\"12\">\n<rect width=\"1040\" height=\"\(height)\" fill=\"#fff\"/>\n"
            + parts.joined() + legend
            + "</svg>\n"
    }

    private var legend: String {
        let y = decimal(Double(parts.count) * Self.partHeight + 22, 0)
        return labels.enumerated().map { index, label in
            let x = 20 + index * 1_000 / max(1, labels.count)
            return "<rect x=\"\(x)\" y=\"\(y)\" width=\"10\" height=\"10\" fill=\"\(color(index))\"/>"
                + "<text x=\"\(x + 14)\" y=\"\(y)\" dy=\"9\">\(markupEscaped(label))</text>\n"
        }.joined()
    }

    private func color(_ index: Int) -> String { LabelColors.all[index % LabelColors.all.count] }

    private func speech(_ timeline: Timeline, _ scale: Double) -> String {
        let edges = timeline.speechEdges
        return stride(from: 0, to: edges.count - 1, by: 2).map { index in
            let (start, end) = (Double(edges[index]) / 1_000, Double(edges[index + 1]) / 1_000)
            return rectangle(
                x: start * scale,
                y: 20,
                width: (end - start) * scale,
                height: Self.waveHeight,
                "#dff0e4"
            )
        }.joined()
    }

    /// One line a point of the drawing, however long the recording is.
    private func wave(_ timeline: Timeline, _ scale: Double) -> String {
        let perPoint = Double(Timeline.blocksPerSecond) / scale
        let middle = 20 + Self.waveHeight / 2
        let lines = (0..<Int(Self.width)).compactMap { point -> String? in
            let first = Int(Double(point) * perPoint)
            let last = min(timeline.peaks.count, max(first + 1, Int(Double(point + 1) * perPoint)))
            guard first < last, let peak = timeline.peaks[first..<last].max() else { return nil }
            let half = max(0.5, (Double(peak) / 255).squareRoot() * (Self.waveHeight / 2 - 2))
            return "M\(point) \(decimal(middle - half, 1))v\(decimal(2 * half, 1))"
        }
        return "<path d=\"\(lines.joined())\" stroke=\"#68727d\" fill=\"none\"/>\n"
    }

    private func stack(_ timeline: Timeline, _ table: UtteranceTable, _ scale: Double) -> String {
        let count = labels.count
        guard count > 0, timeline.probabilities.count == timeline.times.count * count else { return "" }
        var columns = ""
        var index = 0
        for row in table.rows where row.label != nil {
            var start = row.start
            while index < timeline.times.count {
                let end = Double(timeline.times[index]) / 1_000
                if end > row.end + 0.001 { break }
                // Estimates closer than a point would only make the file larger.
                if (end - start) * scale >= 1 {
                    columns += column(
                        timeline.probabilities[index * count..<(index + 1) * count],
                        from: start,
                        to: end,
                        scale: scale
                    )
                    start = end
                }
                index += 1
            }
        }
        return columns
    }

    private func column(_ values: ArraySlice<UInt8>, from start: Double, to end: Double, scale: Double)
        -> String
    {
        let sum = max(1, values.reduce(0) { $0 + Double($1) })
        var y = 114 + Self.stackHeight
        return values.enumerated().map { label, value in
            let height = Self.stackHeight * Double(value) / sum
            y -= height
            return height < 0.2
                ? ""
                : rectangle(
                    x: start * scale,
                    y: y,
                    width: (end - start) * scale,
                    height: height,
                    color(label)
                )
        }.joined()
    }

    private func caption(_ row: UtteranceRow, _ scale: Double) -> String {
        let width = (row.end - row.start) * scale
        let label = row.label.flatMap { labels.firstIndex(of: $0) }
        let bar = rectangle(x: row.start * scale, y: 109, width: width, height: 3, label.map(color) ?? "#bbb")
        guard width > Double(row.caption.count) * 6.5 else { return bar }
        return bar
            + "<text x=\"\(decimal(row.start * scale, 1))\" y=\"104\">\(markupEscaped(row.caption))</text>\n"
    }

    private func axis(_ duration: Double, _ scale: Double) -> String {
        let steps = [0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600]
        let step = steps.first { $0 * scale > 70 } ?? 7_200
        let count = Int(min(100, max(0, duration / step)))
        return (0...count).map { index in
            let x = decimal(Double(index) * step * scale, 1)
            return "<path d=\"M\(x) 204v4\" stroke=\"#5d6670\"/>"
                + "<text x=\"\(x)\" y=\"220\" fill=\"#5d6670\">\(decimal(Double(index) * step, step < 1 ? 1 : 0)) s</text>\n"
        }.joined()
    }

    private func rectangle(x: Double, y: Double, width: Double, height: Double, _ color: String)
        -> String
    {
        "<rect x=\"\(decimal(x, 1))\" y=\"\(decimal(y, 1))\" width=\"\(decimal(max(0.5, width), 1))\" "
            + "height=\"\(decimal(height, 1))\" fill=\"\(color)\"/>\n"
    }
}
