// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation
import ModelBundle
import Recipes
import TestSupport
import Testing

/// What a network is made of, where the recipes of these tests differ.
struct SmallNetwork: Sendable {
    var dilations = [1]
    var isRecurrent = false
    var pooling = "attention"
    /// A line of a stage.
    var pretext = ""
}

/// A corpus of the recordings that ship with the repository, under the names of six speakers.
struct SmallCorpus {
    let folder: URL
    var recipe: URL { folder.appending(path: "recipe.yaml") }

    init(_ network: SmallNetwork = SmallNetwork()) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "recipes-\(UUID().uuidString)")
        let corpus = folder.appending(path: "data/small")
        let other = folder.appending(path: "data/other")
        for place in [corpus, other] {
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        }
        var manifest = "path,speaker,sex,label,sentence,duration_s\n"
        for (speaker, sex) in [("a", "F"), ("b", "M"), ("c", "F"), ("d", "M"), ("e", "F"), ("f", "M")] {
            for file in Fixtures.speech {
                let path = "\(speaker)-\(file.lastPathComponent)"
                for place in [corpus, other] {
                    try FileManager.default.copyItem(at: file, to: place.appending(path: path))
                }
                manifest +=
                    "\(path),\(speaker),\(sex),\(file.deletingPathExtension().lastPathComponent),one,3.5\n"
            }
        }
        try write(manifest, to: "data/small/manifest.csv")
        try write(manifest, to: "data/other/manifest.csv")
        try write(
            """
            speaker,sex,test_fold,development_fold
            a,F,0,2
            b,M,0,2
            c,F,1,0
            d,M,1,0
            e,F,2,1
            f,M,2,1
            """,
            to: "folds.csv"
        )
        try write(Self.recipe(network, epochs: 2), to: "recipe.yaml")
    }

    func write(_ text: String, to path: String) throws {
        try text.write(to: folder.appending(path: path), atomically: true, encoding: .utf8)
    }

    func remove() { try? FileManager.default.removeItem(at: folder) }

    func run(_ name: String) throws -> TrainingRun {
        try TrainingRun(
            Recipe(file: recipe),
            recipeFile: recipe,
            data: DataFolder(option: folder.appending(path: "data").path),
            folder: folder.appending(path: name),
            cache: folder.appending(path: "cache")
        )
    }

    private static func recipe(_ network: SmallNetwork, epochs: Int) -> String {
        """
        name: small
        seed: 3
        network:
          width: 8
          activation: relu
          front: [{ kernel: 5, stride: 2 }, { kernel: 3, stride: 2 }]
          blocks: { kind: convolution, kernel: 3, dilations: \(network.dilations), expansion: 1 }
          isRecurrent: \(network.isRecurrent)
          pooling: \(network.pooling)
          hiddenCount: 0
          forgetting: 1
        speech: { onsetDecibels: 28, offsetDecibels: 34, floorMarginDecibels: 8, fillSeconds: 0.25, minimumSeconds: 0.06 }
        augmentation:
          copies: 1
          cleanShare: 0.5
          noise: [{ corpus: small, groups: [angry] }]
          variation:
            { roomProbability: 1, roomSeconds: [0.2, 0.3], directDecibels: [3, 6], noiseProbability: 1,
              noiseDecibels: [10, 20], gainDecibels: [-6, 6], speed: { probability: 0.5, factor: [0.9, 1.1] },
              codec: { probability: 0.5, codecs: [{ kind: opus, kilobits: [8, 24] }] } }
        stages:
          - name: only
            corpora: [small]
            companions: { corpora: [], share: 0, weight: 0 }
            epochs: \(epochs)
            batchClips: 3
            nonSpeechClips: 1
            crop: { wholeShare: 0.3, marginFrames: [5, 10], longestFrames: 300 }
            frames:
              { warp: 0.1, limitShare: 0.3, limitBands: [50, 70], bandMasks: 1, maskedBands: 12, timeMasks: 1,
                maskedFrames: 20 }
            learningRate: 0.01
            warmUpSteps: 2
            weightDecay: 0.01
            squareDecay: 0.99
            gradientNorm: 1
            averageDecay: 0.5
            dropout: 0.1
            labelSmoothing: 0.1
            emotionWeight: 1
            speechWeight: 0.3
            prefixWeight: 0.3
            classBalance: 0.5
            \(network.pretext)
        evaluation:
          corpus: small
          folds: folds.csv
          nonSpeech: [{ corpus: small, groups: [sad] }]
          noise: { recordings: [{ corpus: small, groups: [] }], decibels: [10] }
          others: [other]
        release: { development: [c, d] }
        """
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
