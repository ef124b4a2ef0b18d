// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation
import Recipes
import TestSupport
import Testing

struct DamageTests {
    /// A corpus in which speaker a's sad clip, on line 4 of the manifest, is no audio.
    private func damagedCorpus() throws -> SmallCorpus {
        let corpus = try SmallCorpus()
        try corpus.write("no audio", to: "data/small/a-sad.opus")
        return corpus
    }

    @Test func aDamagedClipStopsTrainingAndIsNamedWithItsLine() async throws {
        let corpus = try damagedCorpus()
        defer { corpus.remove() }
        do {
            try await corpus.run("run").train(.fold(1)) { _ in }
            Issue.record("it trained on what is no audio")
        } catch {
            let said = String(describing: error)
            #expect(said.contains("data/small/manifest.csv, line 4: ") && said.contains("a-sad.opus"))
            #expect(said.contains("or leave such clips out with --skip-damaged"))
        }
    }

    @Test func skippedClipsAreCountedListedAndLeftOutOfEveryLaterCommand() async throws {
        let corpus = try damagedCorpus()
        defer { corpus.remove() }
        var run = try corpus.run("run")
        var lost: [String: Int] = [:]
        try await run.skipDamaged(again: true) { event in
            if case .skipped(let corpus, let clips) = event { lost[corpus] = clips.count }
        }
        #expect(lost == ["small": 1, "other": 0])
        let summary = try #require(try await run.prepare { _ in }.first)
        #expect(summary.clips == 17 && summary.skipped.count == 1)
        #expect(summary.skipped.first?.contains("manifest.csv, line 4: ") == true)

        let later = try corpus.run("run")
        for part in later.parts { try await later.train(part) { _ in } }
        let report = try await later.evaluate { _ in }
        #expect(report.folds.map(\.confusion.clipCount) == [5, 6, 6])
    }

    @Test func aMendedClipComesBackWhenDamageIsLookedForAgain() async throws {
        let corpus = try damagedCorpus()
        defer { corpus.remove() }
        var run = try corpus.run("run")
        try await run.skipDamaged(again: false) { _ in }
        let file = corpus.folder.appending(path: "data/small/a-sad.opus")
        try FileManager.default.removeItem(at: file)
        let sound = corpus.folder.appending(path: "data/small/b-sad.opus")
        try FileManager.default.copyItem(at: sound, to: file)
        try await run.skipDamaged(again: false) { _ in }
        #expect(try await run.prepare { _ in }.first?.clips == 17, "the list of the run holds")
        try await run.skipDamaged(again: true) { _ in }
        #expect(try await run.prepare { _ in }.first?.clips == 18)
    }

    @Test func lengthsThatContradictTheManifestAreListed() async throws {
        let corpus = try SmallCorpus()
        defer { corpus.remove() }
        let summary = try #require(try await corpus.run("run").prepare { _ in }.first)
        // The manifest of these tests says 3.5 s of all clips; none is that long to a tenth of a second.
        #expect(summary.otherLengths.count == 18)
        #expect(summary.otherLengths.first?.hasSuffix(", not 3.5 s") == true)
    }

    @Test func aCheckpointThatCannotBeWrittenSaysHowToGoOn() async throws {
        let corpus = try SmallCorpus()
        defer { corpus.remove() }
        let run = try corpus.run("run")
        let place = "run/fold-0/checkpoint.\(ProcessInfo.processInfo.processIdentifier).tmp"
        try FileManager.default.createDirectory(
            at: corpus.folder.appending(path: "run/fold-0"),
            withIntermediateDirectories: true
        )
        try corpus.write("in the way", to: place)
        do {
            try await run.train(.fold(0)) { _ in }
            Issue.record("the checkpoint was written where there is no place")
        } catch {
            let said = String(describing: error)
            #expect(said.contains("the checkpoint cannot be written") && said.contains("fold-0/checkpoint"))
            #expect(said.hasSuffix("make room, and the same command goes on from it"))
        }
    }
}
