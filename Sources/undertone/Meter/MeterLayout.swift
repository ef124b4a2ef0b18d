// SPDX-License-Identifier: Apache-2.0
import ServiceRuntime

/// Arranges a reading on a screen of any size. Pure.
///
/// The screen is a list of rows with ranks. If the window has too few lines, the rows of the lowest rank are left out
/// first, all of one rank together: four of seven probabilities would be misleading.
public struct MeterLayout: Sendable {
    private let bars: BarStyle

    private enum Rank: Int {
        case blank, last, attributes, labels, counters, speech, now, level, state
    }

    /// A layout for a terminal that shows more than ASCII, or only ASCII.
    public init(isUnicode: Bool) { bars = isUnicode ? .blocks : .plain }

    /// The screen for `reading`, `columnCount` × `rowCount`, each at least 1.
    public func screen(_ reading: MeterReading, now: Double, columnCount: Int, rowCount: Int) -> Screen {
        let (columnCount, rowCount) = (max(1, columnCount), max(1, rowCount))
        let isSilent = reading.silenceSeconds(at: now) != nil
        let reading = isSilent ? reading.withoutSound : reading
        var rows = rows(reading, now, RowWriter(width: columnCount, bars: bars, labels: reading.labels))
        for rank in 0..<Rank.state.rawValue where rows.count > rowCount {
            rows.removeAll { $0.rank.rawValue == rank }
        }
        return Screen(columnCount: columnCount, rowCount: rowCount, lines: rows.map(\.line))
    }

    private func rows(_ reading: MeterReading, _ now: Double, _ write: RowWriter) -> [(
        rank: Rank, line: Line
    )] {
        let blank = (Rank.blank, Line(width: write.width))
        var rows: [(rank: Rank, line: Line)] = [
            (.state, write.state(reading, now)), blank,
            (.level, write.level(reading, now)), (.speech, write.speech(reading)), blank,
        ]
        rows += reading.labels.indices.map { (.labels, write.label(reading, $0)) } + [blank]
        if !reading.attributes.isEmpty {
            rows += reading.attributes.indices.map { (.attributes, write.attribute(reading, $0)) } + [blank]
        }
        return rows + [
            (.now, write.current(reading)), (.last, write.last(reading)), blank,
            (.counters, write.counters(reading)),
        ]
    }

    /// One line of text for output without a screen: a pipe, a log, a terminal without cursor movement.
    public func line(_ reading: MeterReading, now: Double) -> String {
        if case .lost(let reason) = reading.link { return "no daemon: \(reason)" }
        if let silence = reading.silenceSeconds(at: now) {
            return "no news from the daemon for \(Plain.number(silence, 0)) s"
        }
        func decibels(_ value: Double?) -> String { value.map { Plain.number($0, 1) + " dB" } ?? "-" }
        let said: String? = reading.current.map { RowWriter.words($0) }
        return [
            Plain.time(reading.audioSeconds), reading.capture,
            "level " + decibels(reading.levelDecibels) + (reading.isClipping(at: now) ? " CLIP" : ""),
            "peak " + decibels(reading.peakDecibels),
            "speech " + (reading.speechProbability.map { Plain.number($0, 2) } ?? "-"),
            said ?? "no speech",
            "lag " + (reading.lagMilliseconds.map { Plain.number($0, 0) + " ms" } ?? "-"),
            "lost \(reading.lostSamples)",
        ].joined(separator: "  ")
    }
}
