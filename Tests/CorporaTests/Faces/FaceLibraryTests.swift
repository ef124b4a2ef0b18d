// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation
import TestSupport
import Testing

struct FaceLibraryTests {
    /// The faces of a corpus of two clips, `a.opus` and `b.opus`, from tables with this text.
    private func library(_ tables: String...) throws -> FaceLibrary {
        try withTemporaryFolder { folder in
            let manifest = "path,label,duration_s\na.opus,sad,2\nb.opus,happy,2\n"
            try manifest.write(to: folder.appending(path: "manifest.csv"), atomically: true, encoding: .utf8)
            var files: [URL] = []
            for (index, text) in tables.enumerated() {
                files.append(folder.appending(path: "faces\(index).csv"))
                try text.write(to: files[index], atomically: true, encoding: .utf8)
            }
            return try FaceLibrary(corpus: Manifest(folder: folder), tables: files)
        }
    }

    private func complaint(_ table: String) -> String {
        do {
            _ = try library(table)
            return ""
        } catch {
            return String(describing: error)
        }
    }

    @Test func everyKindOfColumnReachesItsField() throws {
        let face = try #require(
            library("path,label,AU01_r,AU12_mean,AU12_c\na.opus,sad,0.5,2,0.25\n")["a.opus"]
        )
        #expect(face.unitIntensity == [.innerBrowRaiser: 0.5, .lipCornerPuller: 2])
        #expect(face.unitPresence == [.lipCornerPuller: 0.25])
    }

    @Test(arguments: [
        ("path,AU01_r,AU12_r\na.opus,1,3\n", ClipFace.Source.unitMean, 2, 1),
        ("path,AU01_r,AU01_c,AU12_c\na.opus,1,0.5,0.8\n", .presenceSpread, 0.45, 0.5),
        ("path,AU01_c,AU01_std,AU12_std\na.opus,0.5,0.3,0.1\n", .unitSpread, 0.2, 0.3),
    ])
    func activityNamesItsSource(table: String, source: ClipFace.Source, whole: Double, upper: Double) throws {
        let library = try library(table)
        let face = try #require(library["a.opus"])
        #expect(face.source == source && library.sources == [source: 1])
        #expect(abs(try #require(face.activity(from: 0, to: 0.5)) - whole) < 1e-12)
        #expect(abs(try #require(face.activity(of: .upperFace)) - upper) < 1e-12)
    }

    @Test func aRegionWithoutDataHasNoActivity() throws {
        let face = try #require(library("path,AU12_r\na.opus,1\n")["a.opus"])
        #expect(face.activity() == 1 && face.activity(of: .upperFace) == nil)
    }

    @Test func theFirstTableWithAClipIsUsed() throws {
        let library = try library("path,AU12_r\na.opus,1\n", "path,AU12_std\na.opus,2\nb.opus,2\nc.opus,2\n")
        #expect(library.sources == [.unitMean: 1, .unitSpread: 1] && library.linesWithoutClip == 1)
        #expect(library["c.opus"] == nil)
    }

    @Test(arguments: [
        ("path,AU12_r\na.opus,nan\n", "line 2: AU12_r is 'nan', not a number in 0.0...5.0"),
        ("path,AU12_c\na.opus,0\nb.opus,1.5\n", "line 3: AU12_c is '1.5', not a number in 0.0...1.0"),
        ("path,AU12_r\na.opus,\n", "line 2: AU12_r is '', not a number in 0.0...5.0"),
        ("path,AU12_r\na.opus,1\na.opus,1\n", "line 3: 'a.opus' is already described on line 2"),
        ("path,AU12_r\n,1\n", "line 2: the path is empty, so the line belongs to no clip"),
        ("AU12_r\n1\n", "line 1: the column 'path' is missing"),
        (
            "path,AU12_x\na.opus,1\n",
            "'AU12_x' names no known action unit; expected are AUnn_r, _mean, _c or _std"
        ),
        (
            "path,AU3_r\na.opus,1\n",
            "'AU3_r' names no known action unit; expected are AUnn_r, _mean, _c or _std"
        ),
        ("path,AU12_r,AU12_mean\na.opus,1,1\n", "the column 'AU12_mean' duplicates another column"),
        (
            "path,label\na.opus,sad\n",
            "line 1: no column describes an action unit, such as AU12_r or AU12_mean"
        ),
        ("path,AU12_r\nz.opus,1\n", "line 1: no path in this table is a clip of the corpus"),
    ])
    func aBadTableIsRefusedWithItsLine(table: String, problem: String) {
        #expect(complaint(table).contains(problem), "\(complaint(table))")
    }
}

@Suite(.enabled(if: Fixtures.corpora != nil, "set UNDERTONE_DATA"))
struct RealFaceTableTests {
    private let corpus: Manifest
    private let data: URL

    init() throws {
        data = try #require(Fixtures.corpora)
        corpus = try DataFolder(option: data.path).manifest(of: "ravdess")
    }

    private func faces(_ table: String) throws -> FaceLibrary {
        try FaceLibrary(corpus: corpus, tables: [data.appending(path: table)])
    }

    @Test func everyClipOfRavdessHasAFace() throws {
        #expect(try faces("ravdess_openface_au").sources == [.presenceSpread: 1439])
        #expect(try faces("ravdess_au_summary").sources == [.unitSpread: 360])
    }

    /// Two trackers, two sources: if both measure movement, they agree on the clips in which an actor moves more.
    @Test func presenceSpreadAgreesWithAnotherTracker() throws {
        let (presence, spread) = (try faces("ravdess_openface_au"), try faces("ravdess_au_summary"))
        var pairs: [(Double, Double)] = []
        for clips in Dictionary(grouping: corpus.clips, by: \.speaker).values {
            let known = clips.compactMap { clip in
                spread[clip.path]?.activity().flatMap { seen in
                    presence[clip.path]?.activity().map { ($0, seen) }
                }
            }
            let first = known.reduce(0) { $0 + $1.0 } / Double(max(1, known.count))
            let second = known.reduce(0) { $0 + $1.1 } / Double(max(1, known.count))
            pairs += known.map { ($0 - first, $1 - second) }
        }
        #expect(pairs.count == 360)
        #expect(correlation(pairs) > 0.6)
    }

    private func correlation(_ centred: [(Double, Double)]) -> Double {
        let product = centred.reduce(0) { $0 + $1.0 * $1.1 }
        let first = centred.reduce(0) { $0 + $1.0 * $1.0 }
        let second = centred.reduce(0) { $0 + $1.1 * $1.1 }
        return product / (first * second).squareRoot()
    }
}

struct FaceSeriesOfACorpusTests {
    /// A corpus of one clip of `seconds` with the recorded series of 0.48 s.
    private func library(seconds: Double, _ change: (String) -> String = { $0 }) throws -> FaceLibrary {
        try withTemporaryFolder { folder in
            let manifest = "path,label,duration_s,face_csv\na.opus,,\(seconds),face.csv\nb.opus,,1,\n"
            try manifest.write(to: folder.appending(path: "manifest.csv"), atomically: true, encoding: .utf8)
            let series = try String(contentsOf: Fixtures.url("faces/grid-lbbc2a.csv"), encoding: .utf8)
            try change(series).write(
                to: folder.appending(path: "face.csv"),
                atomically: true,
                encoding: .utf8
            )
            let table = folder.appending(path: "table.csv")
            try "path,AU12_r\na.opus,1\nb.opus,2\n".write(to: table, atomically: true, encoding: .utf8)
            return try FaceLibrary(corpus: Manifest(folder: folder), tables: [table])
        }
    }

    @Test func aTableProvidesTheUnitsThatASeriesLacks() throws {
        let library = try library(seconds: 0.5)
        #expect(library["a.opus"]?.unitIntensity == [.lipCornerPuller: 1])
        #expect(library["a.opus"]?.source == .landmarkMovement && library["b.opus"]?.source == .unitMean)
        #expect(library.unusableSeries.isEmpty)
    }

    @Test func theSeriesOfAnotherClipIsRefused() {
        let said = #expect(throws: CorporaError.self) { try library(seconds: 2) }
        let wanted = "line 2: the face series 'face.csv' ends at 0.48 s but its clip lasts 2.0 s"
        #expect(said?.description.contains(wanted) == true)
    }

    @Test func aSeriesWithoutAFaceIsCountedAndTheTableUsed() throws {
        let library = try library(seconds: 0.5) { $0.replacing(",1,1,", with: ",0,0,") }
        #expect(library.unusableSeries == ["a.opus"] && library["a.opus"]?.source == .unitMean)
    }

    @Test(
        .enabled(if: Fixtures.corpora != nil, "set UNDERTONE_DATA"),
        arguments: [
            ("grid_sample_av", ClipFace.Source.landmarkMovement, 16), ("facegood_av", .unitSpread, 96),
            ("neurosync_sample_av", .unitSpread, 1),
        ]
    )
    func realSeriesAreRead(corpus: String, source: ClipFace.Source, count: Int) throws {
        let manifest = try DataFolder(option: Fixtures.corpora?.path).manifest(of: corpus)
        let library = try FaceLibrary(corpus: manifest)
        #expect(library.sources == [source: count] && library.unusableSeries.isEmpty)
        #expect(manifest.clips.allSatisfy { library[$0.path]?.activity(from: 0.5, to: 1.5) != nil })
    }
}
