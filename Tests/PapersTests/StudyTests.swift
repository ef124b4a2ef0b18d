// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation
import MatrixProducts
import Papers
import Recipes
import TestSupport
import Testing

/// Studies as a user runs them, on the recordings of the repository.
@Suite struct StudyTests {
    init() throws { try OpenBLAS.load() }

    private static let fitting = """
        fitting: { epochs: 2, batchSentences: 6, learningRate: 0.01, warmUpSteps: 1, weightDecay: 0, labelSmoothing: 0.1,
          cleanShare: 0.5 }
        """

    private static let chunks = """
        system: chunks
        recipe: recipe.yaml
        seeds: [1]
        frames: { hopsPerFrame: 4, marginHops: 5, bandsTogether: 0 }
        chunks: { windowSeconds: 0.6, longestSeconds: 2, scale: 1 }
        cropSeconds: 1
        width: 8
        dropout: 0.2
        \(fitting)
        durations: [0.5, 2]
        variants:
          - { name: cropped, encoder: lstm, aggregation: mean, cut: cropped }
          - { name: attended, against: cropped, encoder: convolution, aggregation: recurrent attention, cut: chunks }
        """

    private static let clusters = """
        system: clusters
        recipe: recipe.yaml
        seeds: [1, 2]
        frames: { hopsPerFrame: 4, marginHops: 5, bandsTogether: 4 }
        chunks: { windowSeconds: 0.6, longestSeconds: 1, scale: 2 }
        network: { channels: [2, 2, 3], width: 8, clusters: 3, dropout: 0.2 }
        \(fitting)
        clusterLearningRate: 0.01
        unlabelled: { corpora: [other], sentencesPerEpoch: 6 }
        triplets: { margin: 1, neighbourhood: 1, draws: 4 }
        variants:
          - { name: alone, labelledShare: 0.5, clusterWeight: 0, usesUnlabelled: false, context: none,
              hasTriplets: false, sampling: chunks }
          - { name: all, labelledShare: 0.5, clusterWeight: 1, usesUnlabelled: true, context: recurrent,
              hasTriplets: true, sampling: sentences }
          - { name: arousal, labelledShare: 1, clusterWeight: 1, usesUnlabelled: false, context: none,
              hasTriplets: false, sampling: chunks, attribute: arousal }
        """

    /// The repository's recordings with a number for arousal beside each.
    private func corpus() throws -> SmallCorpus {
        let corpus = try SmallCorpus()
        let manifest = corpus.folder.appending(path: "data/small/manifest.csv")
        let lines = try String(contentsOf: manifest, encoding: .utf8).split(separator: "\n")
        let longer = lines.enumerated().map { index, line in
            line + "," + (index == 0 ? "arousal" : line.contains("sad") ? "-0.5" : "0.5")
        }
        try corpus.write(longer.joined(separator: "\n") + "\n", to: "data/small/manifest.csv")
        return corpus
    }

    @Test(arguments: [chunks, clusters])
    func aStudyTrainsWhatItsFileSaysAndGoesOnWhereItStopped(_ yaml: String) async throws {
        let corpus = try corpus()
        defer { corpus.remove() }
        var steps = 0
        let first = try await corpus.runStudy(yaml) { steps += 1 }
        #expect(steps > 0)
        let table = try #require(first.first)
        let variants = yaml.components(separatedBy: "name:").count - 1
        #expect(table.rows.count == variants + 2, "all variants and two baselines")
        if let arousal = table.rows.first(where: { $0[0] == "arousal" }) {
            let column = try #require(table.columns.firstIndex(of: "CCC"))
            #expect(arousal[1].isEmpty && !arousal[column].isEmpty, "numbers are judged as numbers")
        }
        #expect(table.rows.allSatisfy { $0.count == table.columns.count })
        // A finished part is read; one that was taken away is made again, to the same figures.
        let parts = try FileManager.default.contentsOfDirectory(
            at: corpus.folder.appending(path: "run"),
            includingPropertiesForKeys: nil
        )
        let part = try #require(parts.first { $0.lastPathComponent.contains("fold 1") })
        try FileManager.default.removeItem(at: part)
        var again = 0
        let second = try await corpus.runStudy(yaml) { again += 1 }
        #expect(again == 2, "two epochs of one part")
        let costs = ["ms a sentence"].compactMap { table.columns.firstIndex(of: $0) }
        for (old, new) in zip(table.rows, second[0].rows) {
            for column in old.indices where !costs.contains(column) { #expect(old[column] == new[column]) }
        }
    }

    @Test func anotherStudyInTheSameFolderIsRefused() async throws {
        let corpus = try SmallCorpus()
        defer { corpus.remove() }
        let folder = corpus.folder.appending(path: "run")
        try corpus.write(Self.chunks, to: "one.yaml")
        try corpus.write(Self.clusters, to: "two.yaml")
        let studies = try ["one", "two"].map {
            try StudyFile.read(corpus.folder.appending(path: "\($0).yaml"))
        }
        _ = try StudyFolder(folder, study: studies[0])
        _ = try StudyFolder(folder, study: studies[0])
        #expect {
            _ = try StudyFolder(folder, study: studies[1])
        } throws: {
            String(describing: $0).contains("begun with another study")
        }
    }

    @Test func aDamagedResultIsNamed() async throws {
        let corpus = try SmallCorpus()
        defer { corpus.remove() }
        _ = try await corpus.runStudy(Self.chunks)
        try corpus.write("{", to: "run/cropped, seed 1, fold 0.json")
        await #expect {
            _ = try await corpus.runStudy(Self.chunks)
        } throws: {
            String(describing: $0).contains("fold 0.json: it is damaged; remove it")
        }
    }

    @Test func aStudyNoticesThatItsDataHaveChanged() async throws {
        let corpus = try SmallCorpus()
        defer { corpus.remove() }
        _ = try await corpus.runStudy(Self.chunks)
        let manifest = try String(
            contentsOf: corpus.folder.appending(path: "data/small/manifest.csv"),
            encoding: .utf8
        )
        let other = manifest.replacingOccurrences(of: "a-sad.opus,a,F,sad", with: "a-sad.opus,a,F,happy")
        try corpus.write(other, to: "data/small/manifest.csv")
        await #expect {
            _ = try await corpus.runStudy(Self.chunks)
        } throws: {
            String(describing: $0).contains("labels changed: 1 (small/a-sad.opus: 'sad', now 'happy')")
        }
    }

    @Test(arguments: [
        ("system: chunks", "system: chunk", "must name a system: chunks"),
        ("cropSeconds: 1", "cropSeconds: 1\nspeed: 2", "unknown key 'speed'"),
        ("width: 8\n", "", "the key 'width' is missing"),
        ("encoder: lstm", "encoder: gru", "variants.0.encoder"),
        ("epochs: 2", "epochs: 0", "epochs must be 1 to"),
        ("aggregation: mean, cut: cropped", "cut: cropped", "aggregation' is missing"),
    ])
    func aMistakeInTheFileIsNamed(right: String, wrong: String, expected: String) async throws {
        let corpus = try SmallCorpus()
        defer { corpus.remove() }
        await #expect {
            _ = try await corpus.runStudy(Self.chunks.replacingOccurrences(of: right, with: wrong))
        } throws: {
            let said = String(describing: $0)
            return said.contains(expected)
        }
    }
}
