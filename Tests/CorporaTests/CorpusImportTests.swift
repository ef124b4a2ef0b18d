// SPDX-License-Identifier: Apache-2.0
import AudioFiles
import Corpora
import Foundation
import PlainText
import TestSupport
import Testing

struct CorpusImportTests {
    @Test func fileManagerLeftoversAreSkippedAndOtherKindsCounted() throws {
        let published = try PublishedCorpus(
            recordings: [
                "happy/a.wav", "happy/b.mp2", "happy/._a.wav", "__MACOSX/happy/._a.wav", "sad/c.vox",
            ]
        )
        defer { published.remove() }
        let result = try CorpusImport.run(.folders, from: published.source, to: published.corpus)
        #expect(result.clips == 2 && result.damaged.isEmpty)
        #expect(result.passedOver.leftovers == 2 && result.passedOver.headerless == ["vox": 1])
    }

    @Test(arguments: [false, true])
    func aNameThatIsNotUTF8IsImportedAndReadAgain(copies: Bool) throws {
        let published = try PublishedCorpus(recordings: ["happy/a.wav"])
        defer { published.remove() }
        let odd = PathText.text(
            Array((published.source.path + "/happy/caf").utf8) + [0xE9] + Array(".wav".utf8)
        )
        let plain = published.source.path + "/happy/a.wav"
        let moved = PathText.withPath(plain) { from in PathText.withPath(odd) { rename(from, $0) } }
        #expect(moved == 0)
        let result = try CorpusImport.run(
            .folders,
            from: published.source,
            to: published.corpus,
            copies: copies
        )
        #expect(result.clips == 1 && result.damaged.isEmpty)
        let clip = try #require(try Manifest(folder: published.corpus).clips.first)
        let path = published.corpus.path + "/" + clip.path
        #expect(try !AudioClip(path: path).samples.isEmpty)
    }

    @Test func anotherCorpusIsReplacedOnlyOnRequest() throws {
        let (one, other) = (
            try PublishedCorpus(recordings: ["happy/a.wav"]), try PublishedCorpus(recordings: ["sad/b.wav"])
        )
        defer { for published in [one, other] { published.remove() } }
        _ = try CorpusImport.run(.folders, from: one.source, to: one.corpus)
        _ = try CorpusImport.run(.folders, from: one.source, to: one.corpus)
        let refusal = #expect(throws: CorporaError.self) {
            try CorpusImport.run(.folders, from: other.source, to: one.corpus)
        }
        #expect(refusal?.description.contains("add --overwrite to replace it") == true)
        #expect(try Manifest(folder: one.corpus).clips.map(\.path) == ["audio/happy/a.wav"])
        var said: [String] = []
        _ = try CorpusImport.run(.folders, from: other.source, to: one.corpus, isOverwriting: true) {
            said.append($0)
        }
        #expect(said.count == 1 && said[0].hasSuffix("removing audio, import.json, manifest.csv"))
        #expect(try Manifest(folder: one.corpus).clips.map(\.path) == ["audio/sad/b.wav"])
        let left = try FileManager.default.contentsOfDirectory(atPath: one.folder.path)
        #expect(Set(left) == ["source", "corpus"], "no temporary folder is left")
    }

    @Test(arguments: [false, true])
    func filesOfOthersAtTheDestinationAreRefusedInAnyCase(isOverwriting: Bool) throws {
        let published = try PublishedCorpus(recordings: ["happy/a.wav"])
        defer { published.remove() }
        _ = try CorpusImport.run(.folders, from: published.source, to: published.corpus)
        let notes = published.corpus.appending(path: "notes.txt")
        try "mine".write(to: notes, atomically: true, encoding: .utf8)
        let refusal = #expect(throws: CorporaError.self) {
            try CorpusImport.run(
                .folders,
                from: published.source,
                to: published.corpus,
                isOverwriting: isOverwriting
            )
        }
        #expect(refusal?.description.contains("it also contains 'notes.txt'") == true)
        #expect(try String(contentsOf: notes, encoding: .utf8) == "mine")
    }

    @Test func copiesOfAnEarlierImportAreReplacedOnlyOnRequest() throws {
        let published = try PublishedCorpus(recordings: ["happy/a.wav"])
        defer { published.remove() }
        _ = try CorpusImport.run(.folders, from: published.source, to: published.corpus, copies: true)
        #expect(throws: CorporaError.self) {
            try CorpusImport.run(.folders, from: published.source, to: published.corpus)
        }
    }

    @Test func leftoversOfAKilledImportAreRemoved() throws {
        let published = try PublishedCorpus(recordings: ["happy/a.wav"])
        defer { published.remove() }
        let ended = Process()
        ended.executableURL = URL(filePath: "/bin/true")
        try ended.run()
        ended.waitUntilExit()
        let half = published.folder.appending(path: "corpus.\(ended.processIdentifier).tmp/audio")
        try FileManager.default.createDirectory(at: half, withIntermediateDirectories: true)
        _ = try CorpusImport.run(.folders, from: published.source, to: published.corpus)
        let left = try FileManager.default.contentsOfDirectory(atPath: published.folder.path)
        #expect(Set(left) == ["source", "corpus"])
    }

    @Test func foldersAreLabelsAndOptionallySpeakers() throws {
        let published = try PublishedCorpus(recordings: ["angry/a.wav", "sad/anna/b.wav"])
        defer { published.remove() }
        let clips = try published.clips(.folders)
        #expect(clips.map(\.emotion) == [.angry, .sad] && clips.map(\.speaker) == ["one", "anna"])
        #expect(try Manifest(folder: published.corpus).emotionalClips().count == 2)
    }

    @Test(arguments: [
        (CorpusLayout.folders, ["bored/a.wav"], [:], "a folder must be called"),
        (.ravdess, [], [:], "there is no such folder"),
        (.ravdess, ["x.wav"], [:], "no recording in it is named as in the layout 'ravdess'"),
        (
            .mspPodcast, ["a.wav"],
            ["labels_consensus.csv": "FileName,EmoClass,SpkrID,Split_Set\nb.wav,N,1,Train\n"],
            "line 2: there is no recording 'b.wav'"
        ),
        (.mspPodcast, ["a.wav"], [:], "keeps its labels there, and it is missing"),
        (
            .mspPodcast, ["a.wav"], ["labels_consensus.csv": "FileName,Class\na.wav,N\n"],
            "the column 'EmoClass' is missing"
        ),
        (
            .iemocap, ["a.wav"],
            ["Session1/dialog/EmoEvaluation/Ses01F_a.txt": "[1 - 2] Ses01F_a_F000 neu\n"],
            "line 1: a turn must have"
        ),
        (
            .mspFace, ["MSP-FACE_0001_0001.wav"], ["Labels/label_consensus.json": "{\"a\": 3}"],
            "not the published table"
        ),
    ])
    func deviationsFromThePublishedLayoutAreReported(
        layout: CorpusLayout,
        recordings: [String],
        documents: [String: String],
        words: String
    )
        throws
    {
        let published = try PublishedCorpus(recordings: recordings, documents: documents)
        defer { published.remove() }
        do {
            _ = try published.clips(layout)
            Issue.record("it was imported")
        } catch {
            #expect(String(describing: error).contains(words), "said: \(error)")
        }
    }

    @Test(arguments: ["source/audio", "source", "source/audio/corpus"])
    func aDestinationThatOverlapsTheRecordingsIsRefused(destination: String) throws {
        let published = try PublishedCorpus(recordings: ["audio/angry/a.wav"])
        defer { published.remove() }
        let recording = published.source.appending(path: "audio/angry/a.wav")
        let before = try Data(contentsOf: recording)
        let error = #expect(throws: CorporaError.self) {
            try CorpusImport.run(
                .folders,
                from: published.source.appending(path: "audio"),
                to: published.folder.appending(path: destination)
            )
        }
        #expect(error?.description.contains("overlaps") == true)
        let kind =
            try FileManager.default.attributesOfItem(atPath: recording.path)[.type] as? FileAttributeType
        #expect(try Data(contentsOf: recording) == before && kind == .typeRegular)
    }

    @Test func onlyAnEarlierImportMayBeReplaced() throws {
        let published = try PublishedCorpus(recordings: ["angry/a.wav"])
        defer { published.remove() }
        _ = try CorpusImport.run(.folders, from: published.source, to: published.corpus)
        _ = try CorpusImport.run(.folders, from: published.source, to: published.corpus)
        let documents = published.folder.appending(path: "documents")
        try FileManager.default.createDirectory(at: documents, withIntermediateDirectories: true)
        try Data("mine".utf8).write(to: documents.appending(path: "thesis.txt"))
        let error = #expect(throws: CorporaError.self) {
            try CorpusImport.run(.folders, from: published.source, to: documents)
        }
        #expect(error?.description.contains("'thesis.txt'") == true)
        #expect(try FileManager.default.contentsOfDirectory(atPath: documents.path) == ["thesis.txt"])
    }

    @Test func aRecordingThatCannotBeReadIsListedAndLeftOut() throws {
        let published = try PublishedCorpus(
            recordings: ["angry/a.wav"],
            documents: ["angry/b.wav": "not audio"]
        )
        defer { published.remove() }
        let result = try CorpusImport.run(.folders, from: published.source, to: published.corpus)
        #expect(result.clips == 1 && result.damaged.count == 1)
        #expect(result.damaged.first?.contains("b.wav") == true)
    }

    @Test(.enabled(if: Fixtures.corpora != nil, "set UNDERTONE_DATA"))
    func theRealVotesOfCremaDAreRead() throws {
        let ratings = try #require(Fixtures.corpora).appending(path: "crema_d_ratings")
        let published = try PublishedCorpus(recordings: [
            "AudioWAV/1001_IEO_HAP_LO.wav", "AudioWAV/1091_WSI_FEA_XX.wav",
        ])
        defer { published.remove() }
        try FileManager.default.copyItem(
            at: ratings.appending(path: "tabulatedVotes.csv"),
            to: published.source.appending(path: "tabulatedVotes.csv")
        )
        var rules = CorpusLayout.Rules()
        rules.label = .voice
        #expect(try published.clips(.cremaD, rules).map(\.emotion) == [.neutral, .sad])
    }
}
