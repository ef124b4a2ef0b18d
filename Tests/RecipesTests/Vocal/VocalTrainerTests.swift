// SPDX-License-Identifier: Apache-2.0
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
                .init(vectors: [vector(kind, index)], kind: kind, source: "person \(index)", corpus: "c")
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
        let first = VocalTrainer.Recording(vectors: [], kind: 0, source: "nv_1", corpus: "a")
        let second = VocalTrainer.Recording(vectors: [], kind: 1, source: "nv_1", corpus: "b")
        #expect(trainer.fold(of: first) == trainer.fold(of: second))
    }
}
