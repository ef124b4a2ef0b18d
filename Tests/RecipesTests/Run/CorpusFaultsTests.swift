// SPDX-License-Identifier: Apache-2.0
import Foundation
import Recipes
import TestSupport
import Testing

struct CorpusFaultsTests {
    private static let words = ["angry", "happy", "sad"]

    /// The lines of the manifest of `small`, without the heading.
    private func write(_ lines: [String], to corpus: SmallCorpus) throws {
        let text = (["path,speaker,sex,label,sentence,duration_s"] + lines).joined(separator: "\n")
        try corpus.write(text + "\n", to: "data/small/manifest.csv")
    }

    private func lines(of corpus: SmallCorpus) throws -> [String] {
        let file = corpus.folder.appending(path: "data/small/manifest.csv")
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").dropFirst().map(
            String.init
        )
    }

    /// Puts a sound in the place of a recording.
    private func replace(_ path: String, in corpus: SmallCorpus, by samples: [Float]) throws {
        let file = corpus.folder.appending(path: "data/small/\(path)")
        try FileManager.default.removeItem(at: file)
        try Data(SoundFile(samples: samples, sampleRate: 16_000).bytes).write(to: file)
    }

    /// The notices and the error of training fold 0.
    private func outcome(_ corpus: SmallCorpus) async -> (notices: [String], error: String) {
        var notices: [String] = []
        do {
            try await corpus.run("run").train(.fold(0)) { event in
                if case .notice(let sentence) = event { notices.append(sentence) }
            }
            return (notices, "")
        } catch {
            return (notices, String(describing: error))
        }
    }

    @Test func soundCorporaTrainWithoutANotice() async throws {
        let corpus = try SmallCorpus()
        defer { corpus.remove() }
        let (notices, error) = await outcome(corpus)
        #expect(notices.isEmpty && error.isEmpty, "\(notices) \(error)")
    }

    @Test func aSilentAShortAndAContradictoryClipAreToldWithNumbers() async throws {
        let corpus = try SmallCorpus()
        defer { corpus.remove() }
        try replace("a-sad.opus", in: corpus, by: Array(repeating: 0, count: 32_000))
        try replace("b-sad.opus", in: corpus, by: (0..<800).map { sin(Float($0) / 5) / 2 })
        try write(
            lines(of: corpus).map { $0.hasPrefix("c-sad") ? "c-sad.opus,c,F,happy,one,3.5" : $0 },
            to: corpus
        )
        let (notices, error) = await outcome(corpus)
        #expect(error.isEmpty, "\(error)")
        #expect(notices.contains("small: 1 of 18 clips are silent (a-sad.opus); they teach nothing of use"))
        #expect(notices.contains { $0.hasPrefix("small: 1 of 18 clips are shorter than 0.2 s (b-sad.opus)") })
        let contradiction =
            "small: 4 of 18 clips sound exactly like a clip with another label (c-sad.opus: happy and sad"
        #expect(notices.contains { $0.hasPrefix(contradiction) }, "\(notices)")
        let summary = try #require(try await corpus.run("run").prepare { _ in }.first)
        #expect(summary.silent == ["a-sad.opus"] && summary.short == ["b-sad.opus"])
        #expect(summary.contradictory.count == 4)
    }

    @Test func oneSoundUnderTwoLabelsInTwoCorporaIsToldOnce() async throws {
        let corpus = try SmallCorpus()
        defer { corpus.remove() }
        let text = try String(contentsOf: corpus.recipe, encoding: .utf8)
        try corpus.write(
            text.replacingOccurrences(
                of: "companions: { corpora: [], share: 0, weight: 0 }",
                with: "companions: { corpora: [other], share: 1, weight: 1 }"
            ).replacingOccurrences(of: "  others: [other]\n", with: ""),
            to: "recipe.yaml"
        )
        let (agreeing, error) = await outcome(corpus)
        #expect(error.isEmpty && agreeing.isEmpty, "\(agreeing) \(error)")
        let labels = try lines(of: corpus).map { $0.replacing(",sad,", with: ",happy,") }
            .filter { !$0.contains("-happy.") }
        let manifest = (["path,speaker,sex,label,sentence,duration_s"] + labels).joined(separator: "\n")
        try corpus.write(manifest + "\n", to: "data/other/manifest.csv")
        try FileManager.default.removeItem(at: corpus.folder.appending(path: "run"))
        let (notices, failure) = await outcome(corpus)
        #expect(failure.isEmpty, "\(failure)")
        let told = notices.filter {
            $0.hasPrefix("other and small: 6 clips of other sound exactly like a clip")
        }
        #expect(told.count == 1, "\(notices)")
        #expect(told.first?.contains("other/a-sad.opus: happy, small/") == true, "\(notices)")
    }

    @Test func oneClassAloneIsRefused() async throws {
        let corpus = try SmallCorpus()
        defer { corpus.remove() }
        try write(lines(of: corpus).map { $0.replacing(/,(sad|angry),/, with: ",happy,") }, to: corpus)
        try replaceNoise(in: corpus)
        let (_, error) = await outcome(corpus)
        #expect(
            error.contains("all 18 clips that can be used are of 'happy', and a model needs two classes"),
            "\(error)"
        )
    }

    @Test func silenceAloneIsRefused() async throws {
        let corpus = try SmallCorpus()
        defer { corpus.remove() }
        for line in try lines(of: corpus) {
            let path = String(line.prefix { $0 != "," })
            try replace(path, in: corpus, by: Array(repeating: 0, count: 32_000))
        }
        let (_, error) = await outcome(corpus)
        #expect(error.contains("has no clip to learn from: of 18 clips of small, 18 are silent"), "\(error)")
    }

    @Test func oneRecordingUnderEveryLabelIsRefused() async throws {
        let corpus = try SmallCorpus()
        defer { corpus.remove() }
        for line in try lines(of: corpus) {
            let file = corpus.folder.appending(path: "data/small/" + line.prefix { $0 != "," })
            try FileManager.default.removeItem(at: file)
            try FileManager.default.copyItem(at: Fixtures.speech[0], to: file)
        }
        let (_, error) = await outcome(corpus)
        #expect(error.contains("18 the sound of a clip with another label"), "\(error)")
    }

    @Test func speakersOfOneClassEachAreTold() async throws {
        let corpus = try SmallCorpus()
        defer { corpus.remove() }
        let own = ["a": "angry", "b": "happy", "c": "sad", "d": "angry", "e": "happy", "f": "sad"]
        try write(
            lines(of: corpus).filter { line in
                let fields = line.split(separator: ",")
                return own[String(fields[1])] == String(fields[3])
            },
            to: corpus
        )
        let summary = try #require(try await corpus.run("run").prepare { _ in }.first)
        #expect(summary.speakersOfOneClass == 6)
        let (notices, _) = await outcome(corpus)
        #expect(
            notices.contains { $0.hasPrefix("small: each of its 6 speakers has clips of one class only") }
        )
    }

    /// The recipe takes its noise from the group that a manifest of one class lacks.
    private func replaceNoise(in corpus: SmallCorpus) throws {
        let text = try String(contentsOf: corpus.recipe, encoding: .utf8)
        try corpus.write(
            text.replacingOccurrences(of: "groups: [angry]", with: "groups: [happy]")
                .replacingOccurrences(of: "groups: [sad]", with: "groups: [happy]"),
            to: "recipe.yaml"
        )
    }
}
