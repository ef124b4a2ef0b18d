// SPDX-License-Identifier: Apache-2.0
import Foundation
import Recipes
import TestSupport
import Testing

struct RunInputsTests {
    /// A corpus with a run whose fold 0 is trained.
    private func trained() async throws -> SmallCorpus {
        let corpus = try SmallCorpus()
        try await corpus.run("run").train(.fold(0)) { _ in }
        return corpus
    }

    private func change(_ corpus: SmallCorpus, _ path: String, _ old: String, _ new: String) throws {
        let text = try String(contentsOf: corpus.folder.appending(path: path), encoding: .utf8)
        #expect(text.contains(old))
        try corpus.write(text.replacingOccurrences(of: old, with: new), to: path)
    }

    private func refusal(_ corpus: SmallCorpus, _ opening: RunOpening = RunOpening()) -> String {
        do {
            _ = try corpus.run("run", opening)
            return ""
        } catch {
            return String(describing: error)
        }
    }

    @Test func aRunGoesOnWhileItsDataAreTheSame() async throws {
        let corpus = try await trained()
        defer { corpus.remove() }
        let weights = corpus.folder.appending(path: "run/fold-0/model/model.safetensors")
        let before = try Data(contentsOf: weights)
        try await corpus.run("run").train(.fold(0)) { _ in Issue.record("it trained again") }
        #expect(try Data(contentsOf: weights) == before)
    }

    @Test func anotherLabelIsNamedAndRefused() async throws {
        let corpus = try await trained()
        defer { corpus.remove() }
        try change(corpus, "data/small/manifest.csv", "a-sad.opus,a,F,sad", "a-sad.opus,a,F,happy")
        let said = refusal(corpus)
        #expect(said.contains("labels changed: 1 (small/a-sad.opus: 'sad', now 'happy')"), "said: \(said)")
        #expect(said.contains("--run") && said.contains("--overwrite"))
    }

    @Test func anotherRecordingOfTheSameNameIsNamedAndRefused() async throws {
        let corpus = try await trained()
        defer { corpus.remove() }
        let file = corpus.folder.appending(path: "data/small/a-sad.opus")
        try FileManager.default.removeItem(at: file)
        try FileManager.default.copyItem(at: Fixtures.url("speech/happy.opus"), to: file)
        let said = refusal(corpus)
        #expect(said.contains("recordings with other content: 1 (small/a-sad.opus)"), "said: \(said)")
    }

    @Test(arguments: [
        (
            "data/small/manifest.csv", "b-happy.opus,b,M,happy,one,3.5\n", "",
            "clips gone: 1 (small/b-happy.opus)"
        ),
        ("data/small/manifest.csv", "a-happy.opus,a,", "a-happy.opus,c,", "speakers changed: 1"),
        ("data/small/manifest.csv", "a-happy.opus,a,F,happy,one", "a-happy.opus,a,F,happy,two", "columns: 1"),
        ("folds.csv", "e,F,2,1\n", "e,F,2,1\ng,F,2,1\n", "files changed: 1 (folds.csv)"),
    ])
    func everyInputCounts(_ file: String, _ old: String, _ new: String, _ sentence: String) async throws {
        let corpus = try await trained()
        defer { corpus.remove() }
        try change(corpus, file, old, new)
        let said = refusal(corpus)
        #expect(said.contains(sentence), "said: \(said)")
    }

    @Test func withoutResultsOtherDataAreTaken() throws {
        let corpus = try SmallCorpus()
        defer { corpus.remove() }
        _ = try corpus.run("run")
        try change(corpus, "data/small/manifest.csv", "a-sad.opus,a,F,sad", "a-sad.opus,a,F,happy")
        #expect(refusal(corpus).isEmpty)
    }

    @Test func overwritingSaysWhatItRemovesAndStartsAgain() async throws {
        let corpus = try await trained()
        defer { corpus.remove() }
        try corpus.write("mine", to: "run/notes.txt")
        try change(corpus, "data/small/manifest.csv", "a-sad.opus,a,F,sad", "a-sad.opus,a,F,happy")
        var said: [String] = []
        let run = try corpus.run("run", RunOpening(isOverwriting: true) { said.append($0) })
        #expect(said.count == 1 && said[0].contains("labels changed: 1"))
        #expect(said[0].hasSuffix("removing fold-0, inputs.txt"), "said: \(said)")
        #expect(!run.folder.hasModel(of: .fold(0)))
        let notes = corpus.folder.appending(path: "run/notes.txt")
        #expect(try String(contentsOf: notes, encoding: .utf8) == "mine", "files of others stay")
        #expect(refusal(corpus).isEmpty, "the new data are the run's")
    }

    @Test func overwritingKeepsWhatCanGoOn() async throws {
        let corpus = try await trained()
        defer { corpus.remove() }
        let run = try corpus.run("run", RunOpening(isOverwriting: true) { Issue.record("it said \($0)") })
        #expect(run.folder.hasModel(of: .fold(0)))
    }

    @Test func aRunOfAnEarlierVersionIsTestedWithANoticeAndNotAddedTo() async throws {
        let corpus = try await trained()
        defer { corpus.remove() }
        try FileManager.default.removeItem(at: corpus.folder.appending(path: "run/inputs.txt"))
        #expect(refusal(corpus).contains("kept no record of its data"))
        var said: [String] = []
        #expect(refusal(corpus, RunOpening(.testing) { said.append($0) }).isEmpty)
        #expect(said.count == 1 && said[0].hasSuffix("whether they are the same is not known"))
    }

    @Test func aTestDoesNotNeedACorpusThatIsNotAtHand() async throws {
        let corpus = try await trained()
        defer { corpus.remove() }
        try FileManager.default.removeItem(at: corpus.folder.appending(path: "data/small"))
        #expect(!refusal(corpus).isEmpty)
        #expect(refusal(corpus, RunOpening(.testing)).isEmpty)
    }

    @Test func aFolderWithOtherFilesIsNoRun() throws {
        let corpus = try SmallCorpus()
        defer { corpus.remove() }
        try FileManager.default.createDirectory(
            at: corpus.folder.appending(path: "run"),
            withIntermediateDirectories: true
        )
        try corpus.write("a log that the shell began", to: "run/train.log")
        try corpus.write("mine", to: "run/thesis.txt")
        for isOverwriting in [false, true] {
            let said = refusal(corpus, RunOpening(isOverwriting: isOverwriting))
            #expect(said.contains("the folder holds 'thesis.txt' and is not a run"), "said: \(said)")
        }
        try FileManager.default.removeItem(at: corpus.folder.appending(path: "run/thesis.txt"))
        #expect(refusal(corpus).isEmpty)
    }

    @Test func readingNeitherBeginsNorLocksARun() throws {
        let corpus = try SmallCorpus()
        defer { corpus.remove() }
        let run = try corpus.run("run", RunOpening(.reading))
        #expect(!FileManager.default.fileExists(atPath: run.folder.url.appending(path: "recipe.json").path))
        #expect(throws: RecipeError.self) { try run.export(to: corpus.folder.appending(path: "model")) }
    }

    @Test func theRecordIsReadAsItWasWritten() throws {
        let corpus = try SmallCorpus()
        defer { corpus.remove() }
        let manifest = "path,speaker,label,duration_s\n\"a\tb\nc\\d.wav\",me,angry,1\n"
        try corpus.write(manifest, to: "data/small/manifest.csv")
        let text = try String(
            contentsOf: corpus.run("run").folder.url.appending(path: "inputs.txt"),
            encoding: .utf8
        )
        let inputs = try #require(RunInputs(text: text))
        #expect(inputs.text == text && text.contains("clip\tsmall/a\\tb\\nc\\\\d.wav\tabsent\tangry\tme\t"))
        #expect(RunInputs(text: String(text.dropLast(3))) == nil, "a record that was cut short is none")
    }
}
