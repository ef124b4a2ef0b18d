// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation
import TestSupport
import Testing

/// A real series as text, split into columns and lines, that tests modify.
private struct SeriesText {
    var columns: [String]
    var rows: [[String]]

    init(_ file: URL) throws {
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        let fields = lines.map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
        (columns, rows) = (fields[0], Array(fields[1...]))
    }

    subscript(row: Int, column: String) -> String {
        get { columns.firstIndex(of: column).map { rows[row][$0] } ?? "" }
        set { if let index = columns.firstIndex(of: column) { rows[row][index] = newValue } }
    }

    /// Applies `map` to every landmark of frame `row`: in the picture, or in space if `isSpatial`.
    mutating func move(_ row: Int, isSpatial: Bool, _ map: (SIMD3<Double>) -> SIMD3<Double>) {
        let axes = isSpatial ? ["X", "Y", "Z"] : ["x", "y"]
        for point in 0..<68 {
            var place = SIMD3<Double>.zero
            for (axis, name) in axes.enumerated() {
                place[axis] = Double(self[row, "\(name)_\(point)"]) ?? .nan
            }
            let moved = map(place)
            for (axis, name) in axes.enumerated() { self[row, "\(name)_\(point)"] = String(moved[axis]) }
        }
    }

    mutating func drop(where isUnwanted: (String) -> Bool) {
        let kept = columns.indices.filter { !isUnwanted(columns[$0]) }
        rows = rows.map { row in kept.map { row[$0] } }
        columns = kept.map { columns[$0] }
    }

    var text: String { ([columns] + rows).map { $0.joined(separator: ",") + "\n" }.joined() }

    func series() throws -> FaceSeries {
        try withTemporaryFolder { folder in
            let file = folder.appending(path: "face.csv")
            try text.write(to: file, atomically: true, encoding: .utf8)
            return try FaceSeries(file: file)
        }
    }

    func activity(of region: ClipFace.Region = .wholeFace) throws -> Double {
        try #require(ClipFace(series()).activity(of: region))
    }

    func complaint() -> String {
        do {
            _ = try series()
            return ""
        } catch {
            return String(describing: error)
        }
    }
}

/// The fixture is the start of a GRID clip as `tools/faces` writes it.
private func recorded() throws -> SeriesText { try SeriesText(Fixtures.url("faces/grid-lbbc2a.csv")) }

private func turn(_ degrees: Double, _ first: Int, _ second: Int, _ point: SIMD3<Double>) -> SIMD3<Double> {
    let angle = degrees * .pi / 180
    var turned = point
    turned[first] = cos(angle) * point[first] - sin(angle) * point[second]
    turned[second] = sin(angle) * point[first] + cos(angle) * point[second]
    return turned
}

struct FaceSeriesTests {
    @Test func theOutputOfTheToolIsRead() throws {
        let series = try recorded().series()
        #expect(series.frameCount == 12 && series.usableFrameCount == 12)
        #expect(abs(series.frameSeconds - 0.04) < 1e-9 && abs(series.endSeconds - 0.48) < 1e-9)
        let face = ClipFace(series)
        #expect(face.source == .landmarkMovement && face.unitIntensity.isEmpty && face.unitPresence.isEmpty)
        // A face at the start of a sentence: its landmarks move by about a fifth of the eyes' distance in a second.
        #expect((0.05...0.6).contains(try #require(face.activity())))
    }

    @Test(arguments: [false, true], ClipFace.Region.allCases)
    func headPoseDoesNotChangeTheActivity(isSpatial: Bool, region: ClipFace.Region) throws {
        var text = try recorded()
        if !isSpatial { text.drop { "XYZ".contains($0.prefix(1)) } }
        let before = try text.activity(of: region)
        for row in text.rows.indices {
            let step = Double(row)
            text.move(row, isSpatial: isSpatial) { point in
                var moved = turn(7 * step, 0, 1, point)
                if isSpatial { moved = turn(4 * step, 0, 2, turn(-3 * step, 1, 2, moved)) }
                return moved * (1 + 0.1 * step) + SIMD3(30 * step, -20 * step, isSpatial ? 5 * step : 0)
            }
        }
        #expect(abs(try text.activity(of: region) - before) < 1e-5 * before)
    }

    @Test func onlySpatialLandmarksSeparateHeadRotationFromMovement() throws {
        var text = try recorded()
        let still = try text.activity()
        for row in text.rows.indices {
            let angle = 10 * sin(2 * .pi * Double(row) / 12)
            text.move(row, isSpatial: true) { turn(angle, 0, 2, $0) }
            for point in 0..<68 { text[row, "x_\(point)"] = text[row, "X_\(point)"] }
        }
        #expect(abs(try text.activity() - still) < 1e-5 * still)
        text.drop { "XYZ".contains($0.prefix(1)) }
        #expect(try text.activity() > 1.5 * still)
    }

    @Test func browsThatMoveCountInTheUpperFace() throws {
        var text = try recorded()
        let (whole, upper) = (try text.activity(), try text.activity(of: .upperFace))
        for row in text.rows.indices where row.isMultiple(of: 2) {
            for point in 17...26 {
                text[row, "Y_\(point)"] = String((Double(text[row, "Y_\(point)"]) ?? .nan) - 7)
            }
        }
        // 10 of the 22 upper landmarks and of all 68 move a tenth of the eyes' distance, 25 times a second.
        let (wholeGain, upperGain) = (try text.activity() - whole, try text.activity(of: .upperFace) - upper)
        #expect((2...3.5).contains(upperGain / wholeGain))
    }

    @Test func aSegmentUsesOnlyItsOwnFrames() throws {
        let face = ClipFace(try recorded().series())
        let (first, second) = (
            try #require(face.activity(from: 0, to: 0.23)), try #require(face.activity(from: 0.23, to: 0.48))
        )
        let whole = try #require(face.activity(from: 0, to: 0.48))
        // Five steps end before 0.23 s and six after.
        #expect(abs((5 * first + 6 * second) / 11 - whole) < 1e-6)
        #expect(face.activity(from: 3, to: 4) == nil && face.activity(from: 0.2, to: 0.1) == nil)
        #expect(face.activity(from: .nan, to: 1) == nil)
    }

    @Test func framesWithLowConfidenceAreLeftOut() throws {
        var text = try recorded()
        text[3, "success"] = "0"
        text[3, "X_5"] = "nan"
        text[8, "confidence"] = "0.79"
        text[8, "X_5"] = "1e5"
        let face = ClipFace(try text.series())
        let clean = ClipFace(try recorded().series())
        let stretch = (from: 0.18, to: 0.31)
        let (some, all) = (
            face.activity(from: stretch.from, to: stretch.to),
            clean.activity(from: stretch.from, to: stretch.to)
        )
        #expect(abs(try #require(some) - (try #require(all))) < 0.02 * (try #require(all)))
        for row in 0..<6 { text[row, "success"] = "0" }
        #expect(try text.series().usableFrameCount == 5)
        #expect(ClipFace(try text.series()).activity() == nil)
    }

    @Test func blanksFromOpenFaceAreRemoved() throws {
        var text = try recorded()
        let before = try text.activity()
        text.columns = text.columns.map { " " + $0 }
        text.rows = text.rows.map { row in row.map { " " + $0 } }
        #expect(try text.activity() == before)
    }

    @Test func actionUnitsAreUsedWithoutLandmarks() throws {
        var text = try recorded()
        text.drop { "xyXYZ".contains($0.prefix(1)) }
        text.columns += ["AU01_r", "AU12_r", "AU12_c"]
        text.rows = text.rows.enumerated().map { $1 + [$0 < 6 ? "0" : "2", "1", $0 < 9 ? "0" : "1"] }
        let face = ClipFace(try text.series())
        #expect(face.source == .unitSpread)
        #expect(face.activity() == 0.5 && face.activity(of: .upperFace) == 1)
        #expect(face.activity(from: 0, to: 0.2) == 0)
        #expect(face.unitIntensity == [.innerBrowRaiser: 1, .lipCornerPuller: 1])
        #expect(face.unitPresence == [.lipCornerPuller: 0.25])
    }
}

struct BadFaceSeriesTests {
    @Test(arguments: [
        (4, "X_30", "nan", "line 6: X_30 is 'nan', not a number in -1000000.0...1000000.0"),
        (4, "Y_0", "", "line 6: Y_0 is '', not a number"),
        (2, "timestamp", "0.04", "line 4: the time 0.04 s does not come after 0.04 s"),
        (2, "timestamp", "-1", "line 4: timestamp is '-1', not a number in 0.0...1000000.0"),
        (0, "confidence", "high", "line 2: confidence is 'high', not a number in 0.0...1.0"),
        (0, "success", "yes", "line 2: success is 'yes', not a number in 0.0...1.0"),
    ])
    func aBadValueIsNamedWithItsLine(row: Int, column: String, value: String, problem: String) throws {
        var text = try recorded()
        text[row, column] = value
        #expect(text.complaint().contains(problem), "\(text.complaint())")
    }

    @Test(arguments: ["timestamp", "confidence", "success", "X_67", "Z_1"])
    func aMissingColumnIsNamed(column: String) throws {
        var text = try recorded()
        text.drop { $0 == column }
        #expect(text.complaint().contains("line 1: the column '\(column)' is missing"))
    }

    @Test func aFileWithoutFaceIsRefused() throws {
        var text = try recorded()
        text.drop { "xyXYZ".contains($0.prefix(1)) }
        #expect(
            text.complaint().contains("neither landmarks (x_0 ... y_67 or X_0 ... Z_67) nor action units")
        )
        text.columns.append("AU12_std")
        text.rows = text.rows.map { $0 + ["1"] }
        #expect(
            text.complaint().contains("the column 'AU12_std' is neither AUnn_r nor AUnn_c of a known unit")
        )
    }

    @Test func aFaceWithItsEyesInOnePointIsRefused() throws {
        var text = try recorded()
        text.move(5, isSpatial: true) { _ in .zero }
        #expect(
            text.complaint().contains(
                "line 7: the outer corners of the eyes (points 36 and 45) are one point"
            )
        )
    }

    @Test func oneFrameIsRefused() throws {
        var text = try recorded()
        text.rows = [text.rows[0]]
        #expect(text.complaint().contains("line 1: 1 frames are too few to measure movement"))
    }

    /// For any bytes, the parser returns a series or throws an error that names the file.
    @Test(arguments: 0..<60)
    func damageNeverTraps(seed: Int) throws {
        var generator = SplitMix64(seed: UInt64(seed))
        let noise = [",", "\"", "\n", "-", "e999", "inf"].map { Array($0.utf8) }
        var bytes = Array(try recorded().text.utf8)
        for _ in 0..<Int.random(in: 1...40, using: &generator) {
            let place = Int.random(in: 0..<bytes.count, using: &generator)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
            case 1: bytes.removeSubrange(place..<min(place + 300, bytes.count))
            case 2:
                bytes.insert(contentsOf: noise[Int.random(in: noise.indices, using: &generator)], at: place)
            default: bytes[place] = bytes[Int.random(in: 0..<bytes.count, using: &generator)]
            }
        }
        try withTemporaryFolder { folder in
            let file = folder.appending(path: "face.csv")
            try Data(bytes).write(to: file)
            do {
                let face = ClipFace(try FaceSeries(file: file))
                #expect(face.activity()?.isFinite ?? true)
            } catch {
                #expect(String(describing: error).contains("face.csv"))
            }
        }
    }
}
