// SPDX-License-Identifier: Apache-2.0
public import Foundation

extension FaceSeries {
    /// Reads a CSV file.
    ///
    /// - Throws: an error that names file and line: a column is missing or a duplicate, a value of a usable frame is
    ///   not a number in its range, time does not advance, or the file has fewer than two frames.
    public init(file: URL) throws(CorporaError) {
        try self.init(CSVTable(file: file))
    }

    package init(_ table: CSVTable) throws(CorporaError) {
        let columns = try SeriesColumns(table)
        guard table.rows.count >= 2 else {
            throw table.problem("\(table.rows.count) frames are too few to measure movement", line: 1)
        }
        var frames: [Frame] = []
        frames.reserveCapacity(table.rows.count)
        for row in table.rows {
            let frame = try columns.frame(row, of: table)
            if let last = frames.last, frame.seconds <= last.seconds {
                throw table.problem(
                    "the time \(frame.seconds) s does not come after \(last.seconds) s; one face and one clip a file",
                    in: row
                )
            }
            frames.append(frame)
        }
        self.init(
            file: table.file,
            intensityUnits: columns.intensity.map(\.unit),
            presenceUnits: columns.presence.map(\.unit),
            frames: frames
        )
    }
}

/// Position of each value in a record.
private struct SeriesColumns {
    private static let coordinates = -1e6...1e6

    private let time: SeriesColumn
    private let confidence: SeriesColumn
    private let success: SeriesColumn
    /// Columns of each landmark's coordinates: three in space or two in the picture.
    private let landmarks: [[SeriesColumn]]
    let intensity: [(unit: ActionUnit, column: SeriesColumn)]
    let presence: [(unit: ActionUnit, column: SeriesColumn)]

    init(_ table: CSVTable) throws(CorporaError) {
        let header = try SeriesHeader(table)
        time = try header.column("timestamp")
        confidence = try header.column("confidence")
        success = try header.column("success")
        landmarks = try header.landmarks()
        (intensity, presence) = try header.units()
        if landmarks.isEmpty, intensity.isEmpty {
            throw table.problem(
                "there are neither landmarks (x_0 ... y_67 or X_0 ... Z_67) nor action units (AU12_r)",
                line: 1
            )
        }
    }

    func frame(_ row: CSVTable.Row, of table: CSVTable) throws(CorporaError) -> FaceSeries.Frame {
        let seconds = try time.number(in: 0...1e6, row, table)
        // OpenFace writes a confidence for failures too, so both columns are checked.
        guard try success.number(in: 0...1, row, table) == 1,
            try confidence.number(in: 0...1, row, table) >= FaceSeries.leastConfidence
        else {
            return FaceSeries.Frame(seconds: seconds, landmarks: nil, intensity: nil, presence: nil)
        }
        return FaceSeries.Frame(
            seconds: seconds,
            landmarks: try face(row, of: table),
            intensity: try numbers(intensity.map(\.column), in: 0...5, row, table),
            presence: try numbers(presence.map(\.column), in: 0...1, row, table)
        )
    }

    private func face(_ row: CSVTable.Row, of table: CSVTable) throws(CorporaError) -> FaceLandmarks? {
        guard !landmarks.isEmpty else { return nil }
        var points: [SIMD3<Double>] = []
        points.reserveCapacity(landmarks.count)
        for axes in landmarks {
            var point = SIMD3<Double>.zero
            for (axis, column) in axes.enumerated() {
                point[axis] = try column.number(in: Self.coordinates, row, table)
            }
            points.append(point)
        }
        let face = FaceLandmarks(points: points)
        guard face.interOcularDistance > 0 else {
            throw table.problem("the outer corners of the eyes (points 36 and 45) are one point", in: row)
        }
        return face
    }

    private func numbers(
        _ columns: [SeriesColumn],
        in range: ClosedRange<Double>,
        _ row: CSVTable.Row,
        _ table: CSVTable
    ) throws(CorporaError) -> [Double]? {
        guard !columns.isEmpty else { return nil }
        var numbers: [Double] = []
        for column in columns { numbers.append(try column.number(in: range, row, table)) }
        return numbers
    }
}

/// One column of a series.
private struct SeriesColumn {
    let name: String
    let index: Int

    func number(
        in range: ClosedRange<Double>,
        _ row: CSVTable.Row,
        _ table: CSVTable
    ) throws(CorporaError) -> Double {
        let field = row.fields[index]
        let text = field.hasPrefix(" ") || field.hasSuffix(" ") ? bare(field) : field
        guard let value = Double(text), range.contains(value) else {
            throw table.problem(
                "\(name) is '\(text)', not a number in \(range.lowerBound)...\(range.upperBound)",
                in: row
            )
        }
        return value
    }
}

/// Names of a series' columns, without the leading blanks that OpenFace writes.
private struct SeriesHeader {
    private let table: CSVTable
    private let position: [String: Int]

    init(_ table: CSVTable) throws(CorporaError) {
        var position: [String: Int] = [:]
        for (index, name) in table.columns.enumerated()
        where position.updateValue(index, forKey: bare(name)) != nil {
            throw table.problem("the column '\(bare(name))' appears twice", line: 1)
        }
        (self.table, self.position) = (table, position)
    }

    func column(_ name: String) throws(CorporaError) -> SeriesColumn {
        guard let index = position[name] else {
            throw table.problem("the column '\(name)' is missing", line: 1)
        }
        return SeriesColumn(name: name, index: index)
    }

    /// Coordinates of the 68 landmarks, in space if the file has them; empty if it has none at all.
    func landmarks() throws(CorporaError) -> [[SeriesColumn]] {
        let axes = position["X_0"] != nil ? ["X", "Y", "Z"] : position["x_0"] != nil ? ["x", "y"] : []
        guard !axes.isEmpty else { return [] }
        var landmarks: [[SeriesColumn]] = []
        for point in 0..<FaceLandmarks.count {
            var columns: [SeriesColumn] = []
            for axis in axes { columns.append(try column("\(axis)_\(point)")) }
            landmarks.append(columns)
        }
        return landmarks
    }

    typealias Units = [(unit: ActionUnit, column: SeriesColumn)]

    func units() throws(CorporaError) -> (intensity: Units, presence: Units) {
        var (intensity, presence): (Units, Units) = ([], [])
        for (name, index) in position where name.hasPrefix("AU") {
            let column = SeriesColumn(name: name, index: index)
            switch UnitColumn(name) {
            case .intensity(let unit): intensity.append((unit, column))
            case .presence(let unit): presence.append((unit, column))
            case .spread, nil:
                throw table.problem(
                    "the column '\(name)' is neither AUnn_r nor AUnn_c of a known unit",
                    line: 1
                )
            }
        }
        return (intensity.sorted { $0.unit < $1.unit }, presence.sorted { $0.unit < $1.unit })
    }
}

private func bare(_ text: String) -> String { text.trimmingCharacters(in: .whitespaces) }
