// SPDX-License-Identifier: Apache-2.0
import Foundation

/// A clip-level table: one line a clip, the units' statistics over the whole clip.
///
/// Required are `path` and at least one column of an action unit: `AU01_r` or `AU01_mean`, `AU01_c`, `AU01_std`.
/// Other columns are ignored, but a column that begins with "AU" must be a known one.
package struct FaceTable {
    /// Contents of one line.
    package struct Entry {
        package let path: String
        package let face: ClipFace
    }

    let file: String
    package let entries: [Entry]

    /// Reads a CSV file, or the `manifest.csv` of a folder.
    init(_ location: URL) throws(CorporaError) {
        let isFolder = (try? location.resourceValues(forKeys: [.isDirectoryKey]))?.isDirectory ?? false
        try self.init(CSVTable(file: isFolder ? location.appending(path: "manifest.csv") : location))
    }

    package init(_ table: CSVTable) throws(CorporaError) {
        let columns = try Self.unitColumns(of: table)
        var entries: [Entry] = []
        var lines: [String: Int] = [:]
        for row in table.rows {
            guard let path = table.value("path", in: row) else {
                throw table.problem("the path is empty, so the line belongs to no clip", in: row)
            }
            if let first = lines.updateValue(row.line, forKey: path) {
                throw table.problem("'\(path)' is already described on line \(first)", in: row)
            }
            entries.append(Entry(path: path, face: try Self.face(row, of: table, columns)))
        }
        (file, self.entries) = (table.file, entries)
    }

    private static func unitColumns(of table: CSVTable) throws(CorporaError) -> [(String, UnitColumn)] {
        var found: [(String, UnitColumn)] = []
        for name in table.columns where name.hasPrefix("AU") {
            guard let column = UnitColumn(name) else {
                throw table.problem(
                    "the column '\(name)' names no known action unit; expected are AUnn_r, _mean, _c or _std",
                    line: 1
                )
            }
            guard !found.contains(where: { $0.1 == column }) else {
                throw table.problem("the column '\(name)' duplicates another column", line: 1)
            }
            found.append((name, column))
        }
        guard table.columns.contains("path") else {
            throw table.problem("the column 'path' is missing", line: 1)
        }
        guard !found.isEmpty else {
            throw table.problem("no column describes an action unit, such as AU12_r or AU12_mean", line: 1)
        }
        return found
    }

    private static func face(
        _ row: CSVTable.Row,
        of table: CSVTable,
        _ columns: [(String, UnitColumn)]
    ) throws(CorporaError) -> ClipFace {
        var statistics = UnitStatistics()
        for (name, column) in columns {
            let text = table.value(name, in: row) ?? ""
            guard let value = Double(text), column.range.contains(value) else {
                throw table.problem(
                    "\(name) is '\(text)', not a number in \(column.range.lowerBound)...\(column.range.upperBound)",
                    in: row
                )
            }
            statistics.set(column, to: value)
        }
        return ClipFace(statistics)
    }
}

/// Statistics of the action units in a clip, by unit.
struct UnitStatistics: FaceMovement {
    var intensity: [ActionUnit: Double] = [:]
    var presence: [ActionUnit: Double] = [:]
    var spread: [ActionUnit: Double] = [:]

    mutating func set(_ column: UnitColumn, to value: Double) {
        switch column {
        case .intensity(let unit): intensity[unit] = value
        case .presence(let unit): presence[unit] = value
        case .spread(let unit): spread[unit] = value
        }
    }

    /// The best measure of movement in the table: spread before presence before mean.
    var source: ClipFace.Source {
        if !spread.isEmpty { return .unitSpread }
        return presence.isEmpty ? .unitMean : .presenceSpread
    }

    func activity(of region: ClipFace.Region, from start: Double, to end: Double) -> Double? {
        let values: [ActionUnit: Double] =
            switch source {
            case .presenceSpread: presence.mapValues { ($0 * (1 - $0)).squareRoot() }
            case .unitMean: intensity
            case .unitSpread, .landmarkMovement: spread
            }
        let chosen = values.filter { region == .wholeFace || $0.key.isUpperFace }
        guard !chosen.isEmpty else { return nil }
        // In order of the units: a sum in the order of a hash table would differ from run to run.
        return chosen.sorted { $0.key < $1.key }.reduce(0) { $0 + $1.value } / Double(chosen.count)
    }
}

extension ClipFace {
    /// Creates the face of a clip that has only statistics over its whole length.
    init(_ statistics: UnitStatistics) {
        self.init(
            source: statistics.source,
            unitIntensity: statistics.intensity,
            unitPresence: statistics.presence,
            movement: statistics
        )
    }
}

extension CSVTable {
    func problem(_ text: String, line: Int) -> CorporaError {
        .malformed(file: file, line: line, problem: text)
    }
}
