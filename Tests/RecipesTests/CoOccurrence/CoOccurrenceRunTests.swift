// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation
import Recipes
import TestSupport
import Testing

struct CoOccurrenceRunTests {
    /// The small corpus with a recipe whose stage has the given settings.
    private func corpus(_ settings: String) throws -> SmallCorpus {
        let corpus = try SmallCorpus()
        let text = try String(contentsOf: corpus.recipe, encoding: .utf8)
        let place = "    classBalance: 0.5\n"
        try #require(text.contains(place))
        try corpus.write(
            text.replacingOccurrences(of: place, with: place + "    coOccurrence: \(settings)\n"),
            to: "recipe.yaml"
        )
        return corpus
    }

    private func addVotes(to corpus: SmallCorpus) throws {
        let file = corpus.folder.appending(path: "data/small/manifest.csv")
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        let rated = lines.dropFirst().map { $0 + ",2,6" }
        try corpus.write(
            ([lines[0] + ",votes_neutral,votes_happy"] + rated).joined(separator: "\n") + "\n",
            to: "data/small/manifest.csv"
        )
    }

    private func trained(_ corpus: SmallCorpus) async throws -> (sources: [String: Int], losses: [Double]) {
        var sources: [String: Int] = [:]
        var losses: [Double] = []
        try await corpus.run("run").train(.fold(0)) { event in
            switch event {
            case .labels(_, _, let counts): sources = counts
            case .epoch(_, _, _, _, let loss, _, _, _): losses.append(loss)
            default: break
            }
        }
        return (sources, losses)
    }

    @Test func votesOfARatedFolderTeachClipsThatHaveNone() async throws {
        let corpus = try corpus("{ votes: rated, labels: distribution, alpha: 0.2, threshold: 0 }")
        defer { corpus.remove() }
        try FileManager.default.createSymbolicLink(
            at: corpus.folder.appending(path: "data/rated"),
            withDestinationURL: Fixtures.url("ratings")
        )
        // Fold 0 trains on e and f: three clips each, of emotions that the folder has ratings of.
        let run = try await trained(corpus)
        #expect(run.sources == ["heard": 6] && run.losses.count == 2)
        let page = try RunReport(run: corpus.folder.appending(path: "run")).html
        #expect(page.contains("Labels from listeners") && page.contains("heard 6"))
    }

    @Test func votesOfTheTrainingClipsThemselvesWin() async throws {
        let corpus = try corpus("{ labels: multi, alpha: 0.5, threshold: 0 }")
        defer { corpus.remove() }
        let text = try String(contentsOf: corpus.recipe, encoding: .utf8)
        try corpus.write(
            text.replacingOccurrences(of: "labelSmoothing: 0.1", with: "labelSmoothing: 0"),
            to: "recipe.yaml"
        )
        try addVotes(to: corpus)
        #expect(try await trained(corpus).sources == ["votes": 6])
    }

    @Test func withoutAnyVotesTheRecipeIsRefused() async throws {
        let corpus = try corpus("{ labels: hard, alpha: 0.2, threshold: 0 }")
        defer { corpus.remove() }
        do {
            _ = try await trained(corpus)
            Issue.record("it trained without votes")
        } catch {
            #expect(String(describing: error).contains("stage 'only': no training clip has votes"))
        }
    }

    @Test func votesOnClipsOfHeldOutSpeakersAreNotCounted() async throws {
        // Only held-out speakers are rated, so nothing is left to count.
        let corpus = try corpus("{ votes: small, labels: hard, alpha: 0.2, threshold: 0 }")
        defer { corpus.remove() }
        let file = corpus.folder.appending(path: "data/small/manifest.csv")
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        let rated = lines.dropFirst().map { $0 + (["e", "f"].contains($0.prefix(1)) ? "," : ",3") }
        try corpus.write(
            ([lines[0] + ",votes_happy"] + rated).joined(separator: "\n") + "\n",
            to: "data/small/manifest.csv"
        )
        do {
            _ = try await trained(corpus)
            Issue.record("it counted votes of test speakers")
        } catch {
            #expect(String(describing: error).contains("no training clip has votes"))
        }
    }

    @Test func atAlphaZeroHardLabelsLearnWhatCrossEntropyLearns() async throws {
        let (plain, mixed) = (
            try SmallCorpus(), try corpus("{ votes: rated, labels: hard, alpha: 0, threshold: 0 }")
        )
        defer {
            plain.remove()
            mixed.remove()
        }
        try FileManager.default.createSymbolicLink(
            at: mixed.folder.appending(path: "data/rated"),
            withDestinationURL: Fixtures.url("ratings")
        )
        let losses = try await [trained(plain).losses, trained(mixed).losses]
        #expect(zip(losses[0], losses[1]).allSatisfy { abs($0 - $1) < 1e-4 * $0 }, "\(losses)")
    }
}
