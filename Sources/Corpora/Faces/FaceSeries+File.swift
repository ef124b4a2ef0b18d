// SPDX-License-Identifier: Apache-2.0
public import Foundation

extension FaceSeries {
    /// Reads a CSV file.
    ///
    /// - Throws: an error that names file and line: a column is missing or named twice, a value of a usable frame is
    ///   not a number in its range, time does not advance, or the file has fewer than two frames.
    public init(file: URL) throws(CorporaError) {
        try self.init(CSVTable(file: file))
    }

    init(_ table: CSVTable) throws(CorporaError) {
        let columns = try SeriesColumns(table)
        guard table.rows.count >= 2 else {
            throw table.problem("\(table.rows.count) frames tell nothing of movement", line: 1)
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

/// Where in a record each value is.
private struct SeriesColumns {
    private static let coordinates = -1e6...1e6

    struct Column {
        let name: String
        let index: Int
    }
    struct UnitPlace {
        let unit: ActionUnit
        let column: Column
    }

    private let time: Column
    private let confidence: Column
    private let success: Column
    /// The columns of each landmark's coordinates: three in space or two in the picture.
    private let landmarks: [[Column]]
    private(set) var intensity: [UnitPlace] = []
    private(set) var presence: [UnitPlace] = []

    init(_ table: CSVTable) throws(CorporaError) {
        let position = try Self.positions(in: table)
        func column(_ name: String) throws(CorporaError) -> Column {
            guard let index = position[name] else {
                throw table.problem("the column '\(name)' is missing", line: 1)
            }
            return Column(name: name, index: index)
        }
        (time, confidence) = (try column("timestamp"), try column("confidence"))
        success = try column("success")
        let axes = position["X_0"] != nil ? ["X", "Y", "Z"] : position["x_0"] != nil ? ["x", "y"] : []
        var landmarks: [[Column]] = []
        for point in 0..<(axes.isEmpty ? 0 : FaceLandmarks.count) {
            var place: [Column] = []
            for axis in axes { place.append(try column("\(axis)_\(point)")) }
            landmarks.append(place)
        }
        self.landmarks = landmarks
        for (name, index) in position where name.hasPrefix("AU") {
            switch UnitColumn(name) {
            case .intensity(let unit):
                intensity.append(UnitPlace(unit: unit, column: Column(name: name, index: index)))
            case .presence(let unit):
                presence.append(UnitPlace(unit: unit, column: Column(name: name, index: index)))
            case .spread, nil:
                throw table.problem(
                    "the column '\(name)' is neither AUnn_r nor AUnn_c of a known unit",
                    line: 1
                )
            }
        }
        intensity.sort { $0.unit < $1.unit }
        presence.sort { $0.unit < $1.unit }
        if landmarks.isEmpty, intensity.isEmpty {
            throw table.problem(
                "there are neither landmarks (x_0 ... y_67 or X_0 ... Z_67) nor action units (AU12_r)",
                line: 1
            )
        }
    }

    private static func positions(in table: CSVTable) throws(CorporaError) -> [String: Int] {
        var position: [String: Int] = [:]
        for (index, name) in table.columns.enumerated() {
            let bare = name.trimmingCharacters(in: .whitespaces)
            if position.updateValue(index, forKey: bare) != nil {
                throw table.problem("the column '\(bare)' appears twice", line: 1)
            }
        }
        return position
    }

    func frame(_ row: CSVTable.Row, of table: CSVTable) throws(CorporaError) -> FaceSeries.Frame {
        func number(_ column: Column, in range: ClosedRange<Double>) throws(CorporaError) -> Double {
            let text = row.fields[column.index].trimmingCharacters(in: .whitespaces)
            guard let value = Double(text), range.contains(value) else {
                throw table.problem(
                    "\(column.name) is '\(text)', not a number in \(range.lowerBound)...\(range.upperBound)",
                    in: row
                )
            }
            return value
        }
        let seconds = try number(time, in: 0...1e6)
        let isSuccess = try number(success, in: 0...1) == 1
        // OpenFace writes a confidence beside a failure too, so both are asked.
        guard isSuccess, try number(confidence, in: 0...1) >= FaceSeries.leastConfidence else {
            return FaceSeries.Frame(seconds: seconds, landmarks: nil, intensity: nil, presence: nil)
        }
        var points: [SIMD3<Double>] = []
        points.reserveCapacity(landmarks.count)
        for place in landmarks {
            var point = SIMD3<Double>.zero
            for (axis, column) in place.enumerated() {
                point[axis] = try number(column, in: Self.coordinates)
            }
            points.append(point)
        }
        let face = points.isEmpty ? nil : FaceLandmarks(points: points)
        if let face, face.interOcularDistance == 0 {
            throw table.problem("the outer corners of the eyes (points 36 and 45) are one point", in: row)
        }
        var (intensity, presence): ([Double], [Double]) = ([], [])
        for place in self.intensity { intensity.append(try number(place.column, in: 0...5)) }
        for place in self.presence { presence.append(try number(place.column, in: 0...1)) }
        return FaceSeries.Frame(
            seconds: seconds,
            landmarks: face,
            intensity: self.intensity.isEmpty ? nil : intensity,
            presence: self.presence.isEmpty ? nil : presence
        )
    }
}
