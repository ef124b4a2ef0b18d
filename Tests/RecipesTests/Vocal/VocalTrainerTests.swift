// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation
import MatrixProducts
import Recipes
import Testing

@Suite struct VocalTrainerTests {
    private static let settings = """
        {"kinds": [{"name": "laughing", "sounds": []}, {"name": "crying", "sounds": []}], "others": [],
         "mostClips": 1, "threshold": 0.5, "hiddenCount": 8, "epochs": 60, "batchSounds": 8,
         "learningRate": 0.02, "weightDecay": 0.01, "dropout": 0}
        """

    /// Two numbers that tell the kind, and one that is always large.
    private func vector(_ kind: Int, _ index: Int) -> [Float] {
        let noise = Float(index % 5) * 0.02
        return [kind == 1 ? 1 + noise : noise, kind == 2 ? 3 - noise : noise, 100 + noise]
    }

    private func trainer() throws -> VocalTrainer {
        try OpenBLAS.load()
        let settings = try JSONDecoder().decode(Recipe.Vocal.self, from: Data(Self.settings.utf8))
        var trainer = VocalTrainer(settings, seed: 1)
        for index in 0..<60 {
            let kind = index % 3
            trainer.add(
                .init(vectors: [vector(kind, index)], kind: kind, source: "person \(index)")
            )
        }
        return trainer
    }

    @Test func aHeadNamesWhatItWasTaught() throws {
        let fit = try trainer().fit { _ in true }
        for kind in 0..<3 {
            let probabilities = fit.probabilities(vector(kind, 1))
            #expect(probabilities[kind] > 0.8, "\(probabilities)")
            #expect(abs(probabilities.reduce(0, +) - 1) < 1e-5)
        }
    }

    @Test func inAModelTheHeadReadsVectorsThatThePopulationStandardised() throws {
        let fit = try trainer().fit { _ in true }
        let (mean, deviation): ([Float], [Float]) = ([0.5, 1, 90], [2, 0.5, 10])
        let inModel = fit.head(after: mean, deviation)
        let raw = vector(2, 3)
        let standardised = raw.indices.map { (raw[$0] - mean[$0]) / deviation[$0] }
        let own = raw.indices.map { (raw[$0] - fit.mean[$0]) / fit.deviation[$0] }
        for (a, b) in zip(inModel.logits(standardised), fit.head.logits(own)) { #expect(abs(a - b) < 1e-3) }
    }

    @Test func soundsOfOnePersonAreNeverOnBothSidesOfASplit() throws {
        let trainer = try trainer()
        let first = VocalTrainer.Recording(vectors: [], kind: 0, source: "nv_1")
        let second = VocalTrainer.Recording(vectors: [], kind: 1, source: "nv_1")
        #expect(trainer.fold(of: first) == trainer.fold(of: second))
    }

    /// The sources of the clips of a corpus with these files; a speaker stands before a colon.
    private func sources(_ files: [String]) throws -> [String] {
        let folder = FileManager.default.temporaryDirectory.appending(path: "vocal-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let rows = files.map { file in
            let parts = file.split(separator: ":")
            return "\(parts[parts.count - 1]),\(parts.count > 1 ? String(parts[0]) : ""),noise,1"
        }
        try (["path,speaker,label,duration_s"] + rows).joined(separator: "\n")
            .write(to: folder.appending(path: "manifest.csv"), atomically: true, encoding: .utf8)
        return try Manifest(folder: folder).clips.map(\.source)
    }

    @Test func piecesOfOneRecordingHaveOneSourceWhateverTheirFolderOrCorpus() throws {
        let first = try sources(["siren/1-57316-A.opus", "siren/1-57316-B.opus", "cry/baby_1_m4a_7.opus"])
        let second = try sources(["noise/1-57316-A.opus", "noise/2-57316-A.opus", "cry/baby_1_m4a_12.opus"])
        #expect(first[0] == first[1] && first[0] == second[0] && first[0] != second[1])
        #expect(first[2] == second[2])
        #expect(try sources(["anna:a/1.opus", "anna:b/2.opus"]) == ["anna", "anna"])
    }
}
