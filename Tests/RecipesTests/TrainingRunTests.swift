// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation
import ModelBundle
import Recipes
import TestSupport
import Testing

extension SmallCorpus {
    func run(_ name: String, _ opening: RunOpening = RunOpening()) throws -> TrainingRun {
        try TrainingRun(
            Recipe(file: recipe),
            recipeFile: recipe,
            data: DataFolder(option: folder.appending(path: "data").path),
            folder: folder.appending(path: name),
            cache: folder.appending(path: "cache"),
            opening: opening
        )
    }
}

struct TrainingRunTests {
    @Test(arguments: [
        SmallNetwork(), SmallNetwork(dilations: [], isRecurrent: true, pooling: "mean"),
        SmallNetwork(isRecurrent: true, pooling: "gated"),
    ])
    func oneRunPreparesTrainsEvaluatesAndExports(_ network: SmallNetwork) async throws {
        let corpus = try SmallCorpus(network)
        defer { corpus.remove() }
        let run = try corpus.run("run")
        let summary = try #require(try await run.prepare { _ in }.first)
        #expect(summary.clips == 18 && summary.speakers == 6 && summary.withoutSpeech.isEmpty)
        #expect((0.2...0.9).contains(summary.speechShare))
        for part in run.parts { try await run.train(part) { _ in } }
        let report = try await run.evaluate { _ in }
        #expect(report.folds.map(\.fold) == [0, 1, 2])
        #expect(report.folds.allSatisfy { $0.confusion.clipCount == 6 && $0.baseline.clipCount == 6 })
        #expect(
            report.folds[0].testSpeakers == ["a", "b"] && report.folds[0].developmentSpeakers == ["c", "d"]
        )
        #expect(report.folds[1].confusionBySpeaker.keys.sorted() == ["c", "d"])
        #expect(report.folds[0].noisy.map(\.confusion.clipCount) == [6])
        #expect(report.others.map(\.confusion.clipCount) == [18])
        #expect(report.others.allSatisfy { $0.sharedClasses.clipCount == 18 })
        try pooledFiguresHoldEveryClip(of: report)
        let page = try RunReport(run: run.folder.url).html
        #expect(try addresses(in: page).isEmpty)
        let recall = report.folds.map(\.confusion.unweightedAverageRecall).reduce(0, +) / 3
        #expect(page.contains(String(format: "%.3f ±", recall)), "the headline is that of the figures")
        let table = try Comparison(runs: [run.folder.url]).markdown
        #expect(table.contains("| small |") && !table.contains("cost of an error"), "said: \(table)")
        let votes = try ListenerVotes(folder: Fixtures.url("ratings")).ratings.map(\.votes)
        let costs = try Comparison(runs: [run.folder.url], listeners: CoOccurrenceMatrix(votes)).markdown
        #expect(costs.contains("| cost of an error |"), "said: \(costs)")
        let model = corpus.folder.appending(path: "model")
        try run.export(to: model)
        #expect(try ModelFolder(path: model.path).tensors.parameterCount == report.parameterCount)
        let card = try String(contentsOf: model.appending(path: "README.md"), encoding: .utf8)
        #expect(card.contains("perceived vocal expression") && card.contains(report.markdown))
    }

    private func pooledFiguresHoldEveryClip(of report: EvaluationReport) throws {
        let (pooled, trimmed) = (try #require(report.pooled), try #require(report.trimmed))
        #expect(pooled.confusion.clipCount == 18 && trimmed.confusion.clipCount == 18)
        #expect(report.folds.compactMap(\.trimmed).map(\.clipCount) == [6, 6, 6])
        #expect(pooled.confusion == report.pooled { $0.confusion })
        let voices = try #require(report.voices)
        #expect(voices.map(\.figures.confusion.clipCount) == [18] && voices[0].folds.count == 3)
        #expect(voices[0].meanCount == 2, "each speaker has three clips")
        #expect(report.others.allSatisfy { $0.voices?.count == 1 && $0.figures?.confusion.clipCount == 18 })
        #expect(report.markdown.contains("| after 3 utterances, mixed (2.000 on average, at least 2) |"))
        let unseen = UnseenCorpora([report]).markdown
        #expect(
            unseen.contains("| **after 3 utterances, mixed** | **mean of 1 corpora** |"),
            "said: \(unseen)"
        )
    }

    @Test(arguments: [
        SmallNetwork(),
        SmallNetwork(
            pretext: """
                pretext: { energyWeight: 0, faceWeight: 0, unitWeight: 0, predictionWeight: 0, predictionFrames: 5, \
                chunkSeconds: 0.3, chunks: 3, faces: [], clusters: { weight: 1, count: 3 }, \
                triplets: { weight: 1, margin: 1 } }
                """
        ),
    ])
    func aRunThatWasStoppedGoesOnToTheSameWeights(_ network: SmallNetwork) async throws {
        let corpus = try SmallCorpus(network)
        defer { corpus.remove() }
        let whole = try corpus.run("whole")
        try await whole.train(.fold(0)) { _ in }

        let stopped = try corpus.run("stopped")
        let task = Task {
            try await stopped.train(.fold(0)) { event in
                if case .epoch = event { withUnsafeCurrentTask { $0?.cancel() } }
            }
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(!stopped.folder.hasModel(of: .fold(0)))
        try await corpus.run("stopped").train(.fold(0)) { _ in }

        let weights = [whole, stopped].map {
            $0.folder.model(of: .fold(0)).appending(path: "model.safetensors")
        }
        #expect(try Data(contentsOf: weights[0]) == Data(contentsOf: weights[1]))
    }

    @Test func aFolderOfAnotherRecipeIsRefused() throws {
        let corpus = try SmallCorpus()
        defer { corpus.remove() }
        _ = try corpus.run("run")
        let text = try String(contentsOf: corpus.recipe, encoding: .utf8)
        try corpus.write(text.replacingOccurrences(of: "seed: 3", with: "seed: 4"), to: "recipe.yaml")
        do {
            _ = try corpus.run("run")
            Issue.record("two recipes share a folder")
        } catch {
            #expect(String(describing: error).contains("it was begun with another recipe"))
        }
    }

    @Test func evaluationBeforeTrainingSaysSo() async throws {
        let corpus = try SmallCorpus()
        defer { corpus.remove() }
        let run = try corpus.run("run")
        await #expect(throws: RecipeError.self) { try await run.evaluate { _ in } }
    }

    @Test func aPartWithoutClipsToTrainOnSaysSo() async throws {
        let corpus = try SmallCorpus()
        defer { corpus.remove() }
        let folds = "a,F,0,1\nb,M,0,1\nc,F,1,0\nd,M,1,0\ne,F,0,\nf,M,0,\n"
        try corpus.write("speaker,sex,test_fold,development_fold\n" + folds, to: "folds.csv")
        let run = try corpus.run("run")
        do {
            try await run.train(.fold(0)) { _ in }
            Issue.record("it trained on nothing")
        } catch {
            #expect(String(describing: error).contains("0 clips to train fold-0 on"))
        }
    }

    @Test func aDamagedCheckpointIsNamedAndNotIgnored() async throws {
        let corpus = try SmallCorpus()
        defer { corpus.remove() }
        let run = try corpus.run("run")
        try FileManager.default.createDirectory(
            at: corpus.folder.appending(path: "run/fold-0/checkpoint"),
            withIntermediateDirectories: true
        )
        try corpus.write("half", to: "run/fold-0/checkpoint/model.safetensors")
        do {
            try await run.train(.fold(0)) { _ in }
            Issue.record("a damaged checkpoint was used")
        } catch {
            #expect(String(describing: error).contains("the checkpoint is damaged"))
        }
    }
}
