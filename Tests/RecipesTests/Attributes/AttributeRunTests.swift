// SPDX-License-Identifier: Apache-2.0
import Corpora
import EmotionEncoder
import Foundation
import ModelBundle
import Recipes
import TestSupport
import Testing

struct AttributeRunTests {
    /// The small corpus for the emotions, and its twin whose words are levels of arousal.
    private func corpus() throws -> SmallCorpus {
        let corpus = try SmallCorpus()
        var text = try String(contentsOf: corpus.recipe, encoding: .utf8)
        let changes = [
            (
                "seed: 3\n",
                """
                seed: 3
                levels:
                  - { corpus: other, attribute: arousal, column: label, values: { angry: 1, happy: 0, sad: -1 } }

                """
            ),
            ("    corpora: [small]\n", "    corpora: [small, other]\n"),
            ("    classBalance: 0.5\n", "    classBalance: 0.5\n    attributes: { arousal: 1 }\n"),
            ("  others: [other]\n", "  attributes: [{ corpus: other, folds: folds.csv }]\n"),
        ]
        for (old, new) in changes {
            try #require(text.contains(old))
            text = text.replacingOccurrences(of: old, with: new)
        }
        try corpus.write(text, to: "recipe.yaml")
        return corpus
    }

    private func configuration(_ folder: URL) throws -> ModelConfiguration {
        try ModelFolder(path: folder.path).decodeConfiguration(as: ModelConfiguration.self)
    }

    @Test func theShippedRecipeOfAttributesIsReadAndItsFoldsBelongTogether() throws {
        let file = Fixtures.root.appending(path: "configs/recipes/attributes.yaml")
        let recipe = try Recipe(file: file)
        #expect(recipe.stages.allSatisfy { $0.attributes?.arousal == 1 })
        let folds = try FoldList(file: #require(recipe.foldFile(besideRecipe: file)))
        let tests = try #require(recipe.evaluation?.attributes)
        for test in tests {
            let list = file.deletingLastPathComponent().appending(path: test.folds)
            #expect(try FoldList(file: list).foldCount == folds.foldCount)
        }
    }

    @Test func aTaughtAttributeIsInTheModelAndInTheReport() async throws {
        let corpus = try corpus()
        defer { corpus.remove() }
        let run = try corpus.run("run")
        for part in run.parts { try await run.train(part) { _ in } }
        let reports = try #require(try await run.evaluate { _ in }.attributes)
        #expect(reports.map(\.corpus) == ["other"] && reports.map(\.attribute) == ["arousal"])
        let folds = try #require(reports.first?.folds)
        #expect(folds.map(\.clips) == [6, 6, 6])
        for fold in folds {
            #expect((-1...1).contains(fold.model.concordance) && (-1...1).contains(fold.model.correlation))
            #expect(fold.model.levels?.labels == ["-1.000", "0.000", "1.000"])
            #expect(fold.baseline?.levels?.clipCount == 6)
        }
        let page = try String(contentsOf: corpus.folder.appending(path: "run/evaluation.md"), encoding: .utf8)
        #expect(page.contains("| arousal, other | 18 |"))
        let model = corpus.folder.appending(path: "model")
        try run.export(to: model)
        #expect(try configuration(model).attributes == ["arousal"])
        #expect(try EmotionEncoder(ModelFolder(path: model.path)).attributeCount == 1)
    }

    @Test func testSpeakersOfACorpusOfLevelsTeachNothing() async throws {
        let corpus = try corpus()
        defer { corpus.remove() }
        var steps = 0
        var figures: [String: Double] = [:]
        try await corpus.run("run").train(.fold(0)) { event in
            switch event {
            case .step(_, _, _, let all, _): steps = all
            case .epoch(_, _, _, _, _, _, _, let means): figures = means
            default: break
            }
        }
        // Of each corpus six clips, those of e and f: four batches of three in each of two epochs.
        #expect(steps == 8)
        #expect(figures["arousal loss"].map { (0...2).contains($0) } == true)
    }

    @Test func withoutAttributesAModelDoesNotNameThem() async throws {
        let corpus = try SmallCorpus()
        defer { corpus.remove() }
        try await corpus.run("run").train(.fold(0)) { _ in }
        let names = try FileManager.default.subpathsOfDirectory(atPath: corpus.folder.path)
        let files = names.filter { $0.hasSuffix("model/config.json") }
        #expect(!files.isEmpty)
        for file in files {
            let text = try String(contentsOf: corpus.folder.appending(path: file), encoding: .utf8)
            #expect(!text.contains("attributes"))
        }
    }
}
