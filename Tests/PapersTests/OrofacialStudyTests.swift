// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation
import MatrixProducts
import Papers
import TestSupport
import Testing

/// Faces from files, on the recordings of the repository.
@Suite struct OrofacialStudyTests {
    init() throws { try OpenBLAS.load() }

    private static let study = """
        system: orofacial
        recipe: recipe.yaml
        seed: 1
        network: { width: 4, dropout: 0.2 }
        movement:
          corpus: faces
          unseenCorpus: unseen
          framesPerSecond: 20
          windowFrames: 30
          controlSeconds: 1
          \(fitting)
        units:
          table: units
          frames: { hopsPerFrame: 8, marginHops: 5, bandsTogether: 0 }
          length: 20
          visemes: visemes.csv
          variants:
            - { name: alone, structure: joint, emotionWeight: 0, visemeWeight: 0 }
            - { name: both, structure: separated, emotionWeight: 0.3, visemeWeight: 0.3 }
          \(fitting)
        """

    private static let fitting = """
        fitting: { epochs: 1, batchSentences: 6, learningRate: 0.01, warmUpSteps: 1, weightDecay: 0, labelSmoothing: 0,
            cleanShare: 1 }
        """

    /// Three clips of two takes with a face at 25 frames a second; one of an unseen corpus at 50, with another unit besides.
    private func corpus() throws -> SmallCorpus {
        let corpus = try SmallCorpus()
        try addFaces(
            ["one_1", "one_2", "two_1"],
            units: ["AU12_r", "AU26_r"],
            rate: 25,
            "faces",
            to: corpus
        )
        try addFaces(["he_1"], units: ["AU26_r", "AU01_r"], rate: 50, "unseen", to: corpus)
        let small = corpus.folder.appending(path: "data/small/manifest.csv")
        let clips = try String(contentsOf: small, encoding: .utf8).split(separator: "\n").dropFirst()
        let units = clips.map { "\($0.split(separator: ",")[0]),\($0.contains("happy") ? 3 : 0.5),1" }
        try FileManager.default.createDirectory(
            at: corpus.folder.appending(path: "data/units"),
            withIntermediateDirectories: true
        )
        try corpus.write(
            (["path,AU12_r,AU26_r"] + units).joined(separator: "\n"),
            to: "data/units/manifest.csv"
        )
        try corpus.write("sentence,text,visemes\none,amen,10 1 11 8\n", to: "visemes.csv")
        return corpus
    }

    private func addFaces(
        _ names: [String],
        units: [String],
        rate: Int,
        _ corpus: String,
        to small: SmallCorpus
    ) throws {
        let folder = small.folder.appending(path: "data/\(corpus)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        var manifest = "path,speaker,label,duration_s,face_csv\n"
        for (name, file) in zip(names, Fixtures.speech) {
            try FileManager.default.copyItem(at: file, to: folder.appending(path: name + ".opus"))
            manifest += "\(name).opus,\(corpus),,3,\(name).csv\n"
            var face = "timestamp,confidence,success," + units.joined(separator: ",") + "\n"
            for frame in 0..<3 * rate {
                let values = units.indices.map { column in String(frame * (column + 1) % 5) }
                face +=
                    "\(Double(frame) / Double(rate)),1,1," + values.joined(separator: ",") + "\n"
            }
            try small.write(face, to: "data/\(corpus)/\(name).csv")
        }
        try small.write(manifest, to: "data/\(corpus)/manifest.csv")
    }

    @Test func facesAreLearnedFromFilesAndOneIsDrawn() async throws {
        let corpus = try corpus()
        defer { corpus.remove() }
        let tables = try await corpus.runStudy(Self.study)
        try #require(tables.count == 3)
        #expect(tables[0].rows.map { $0[0] } == ["**mean**", "AU12", "AU26"])
        #expect(tables[1].rows.map { $0[0] } == ["**mean**", "AU26"], "only what both faces have")
        #expect(tables[2].rows.map { $0[0] } == ["alone", "both"])
        #expect(tables[2].rows[0].suffix(2) == ["", ""], "a task that was not learned is not judged")
        #expect(tables[2].rows[1].suffix(2).allSatisfy { !$0.isEmpty })
        let drawing = corpus.folder.appending(path: "run/face.svg")
        let svg = try String(contentsOf: drawing, encoding: .utf8)
        #expect(svg.contains("dur=\"3.0s\""), "20 frames a second for 3 s")
    }

    @Test(arguments: [
        ("width: 4", "width: 5", "network.width must be even"),
        ("framesPerSecond: 20", "framesPerSecond: 0", "movement.framesPerSecond must be 1 to"),
        ("controlSeconds: 1", "controlSeconds: -1", "movement.controlSeconds must be"),
        ("length: 20", "length: 0", "units.length must be"),
        ("unseenCorpus: unseen", "unseenCorpus: other", "the study needs clips with a face_csv"),
    ])
    func aMistakeInTheFileIsNamed(right: String, wrong: String, expected: String) async throws {
        let corpus = try corpus()
        defer { corpus.remove() }
        await #expect {
            _ = try await corpus.runStudy(Self.study.replacingOccurrences(of: right, with: wrong))
        } throws: {
            String(describing: $0).contains(expected)
        }
    }

    private func visemes(_ lines: String) throws -> VisemeTable {
        let file = FileManager.default.temporaryDirectory.appending(path: "visemes-\(UUID().uuidString).csv")
        defer { try? FileManager.default.removeItem(at: file) }
        try ("sentence,text,visemes\n" + lines).write(to: file, atomically: true, encoding: .utf8)
        return try VisemeTable(file: file)
    }

    @Test func visemesShareTheFramesOfASentenceEvenly() throws {
        let table = try visemes("S01,pa,1 10\nS02,\"oh, me\",13 14 1 12\n")
        #expect(table.aligned("S01", frames: 5) == [1, 1, 1, 10, 10])
        #expect(table.aligned("S02", frames: 3) == [13, 14, 1], "too short for all of them")
        #expect(table.aligned("S03", frames: 5) == nil)
        #expect(table.aligned(nil, frames: 5) == nil)
    }

    @Test(arguments: [
        ("S01,pa,1 10\nS02,pa,1 15\n", "3: visemes must be numbers from 0 to 14"),
        ("S01,pa,1 p\n", "2: visemes must be numbers"),
        ("S01,pa,\n", "2: visemes must be numbers"),
        (",pa,1\n", "2: the sentence is missing"),
        ("S01,pa,1\nS01,pa,1\n", "3: the sentence 'S01' is listed twice"),
    ])
    func aMistakeInVisemesIsNamedWithItsLine(lines: String, expected: String) {
        #expect {
            _ = try visemes(lines)
        } throws: {
            String(describing: $0).contains(expected)
        }
    }
}
