// SPDX-License-Identifier: Apache-2.0
import AudioFiles
import Corpora
import Foundation
import PlainText
import TestSupport
import Testing

/// A small tree with the names that a corpus was published with; every recording is real speech.
private struct Published {
    let folder = FileManager.default.temporaryDirectory.appending(path: "import-\(UUID().uuidString)")
    var source: URL { folder.appending(path: "source") }
    var corpus: URL { folder.appending(path: "corpus") }

    init(recordings: [String], documents: [String: String] = [:]) throws {
        for path in recordings {
            try FileManager.default.copyItem(at: Fixtures.speech[0], to: made(path))
        }
        for (path, text) in documents { try text.write(to: made(path), atomically: true, encoding: .utf8) }
    }

    private func made(_ path: String) throws -> URL {
        let file = source.appending(path: path)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        return file
    }

    /// The clips of the manifest after an import.
    func clips(_ layout: CorpusLayout, _ rules: CorpusLayout.Rules = .init()) throws -> [Clip] {
        _ = try CorpusImport.run(layout, from: source, to: corpus, rules: rules)
        return try Manifest(folder: corpus).clips
    }

    func remove() { try? FileManager.default.removeItem(at: folder) }
}

struct CorpusImportTests {
    @Test func whatAFileManagerLeftIsSkippedAndOtherKindsAreCounted() throws {
        let published = try Published(
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
        let published = try Published(recordings: ["happy/a.wav"])
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

    @Test func anotherCorpusAtTheDestinationIsOnlyReplacedWhereThatIsAsked() throws {
        let (one, other) = (
            try Published(recordings: ["happy/a.wav"]), try Published(recordings: ["sad/b.wav"])
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
        #expect(Set(left) == ["source", "corpus"], "no temporary folder stays")
    }

    @Test(arguments: [false, true])
    func filesOfOthersAtTheDestinationAreRefusedInAnyCase(isOverwriting: Bool) throws {
        let published = try Published(recordings: ["happy/a.wav"])
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
        #expect(refusal?.description.contains("it holds 'notes.txt' beside a corpus") == true)
        #expect(try String(contentsOf: notes, encoding: .utf8) == "mine")
    }

    @Test func copiesOfAnEarlierImportAreNotReplacedUnasked() throws {
        let published = try Published(recordings: ["happy/a.wav"])
        defer { published.remove() }
        _ = try CorpusImport.run(.folders, from: published.source, to: published.corpus, copies: true)
        #expect(throws: CorporaError.self) {
            try CorpusImport.run(.folders, from: published.source, to: published.corpus)
        }
    }

    @Test func whatAKilledImportLeftIsRemovedByTheNext() throws {
        let published = try Published(recordings: ["happy/a.wav"])
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

    @Test func ravdessNamesSayActorAndEmotionAndSongsAreLeftOut() throws {
        let names = [
            "Actor_12/03-01-06-01-02-01-12.wav", "Actor_01/03-01-02-01-01-01-01.wav",
            "Actor_01/03-02-03-01-01-01-01.wav",
        ]
        let published = try Published(recordings: names)
        defer { published.remove() }
        let clips = try published.clips(.ravdess)
        #expect(clips.map(\.emotion) == [.neutral, .fearful] && clips.map(\.speaker) == ["rav01", "rav12"])
        #expect(clips.map(\.sex) == [.male, .female] && clips.map(\.sentence) == ["S01", "S02"])
        #expect(clips.allSatisfy { abs($0.durationSeconds - 4.37) < 1 })
    }

    @Test func emoDBNamesSaySpeakerTextAndGermanInitial() throws {
        let published = try Published(recordings: ["wav/03a01Fa.wav", "wav/16b10Lb.wav", "wav/notes01.wav"])
        defer { published.remove() }
        let clips = try published.clips(.emoDB)
        #expect(clips.map(\.emotion) == [.happy, nil] && clips.map(\.speaker) == ["03", "16"])
        #expect(clips.map(\.sex) == [.male, .female] && clips[0].sentence == "a01")
    }

    private static let votes = """
        "","A","D","F","H","N","S","fileName","numResponses"
        "100001",1,0,0,5,3,0,"1001_DFA_ANG_XX",9
        "100002",4,0,0,0,4,0,"1002_IEO_SAD_HI",8
        "200001",9,0,0,0,0,0,"1001_DFA_ANG_XX",9
        "300001",7,0,0,1,0,0,"1001_DFA_ANG_XX",8
        """

    @Test func cremaDTakesTheActorsIntentionOrTheListenersVotes() throws {
        let published = try Published(
            recordings: ["AudioWAV/1001_DFA_ANG_XX.wav", "AudioWAV/1002_IEO_SAD_HI.wav"],
            documents: [
                "processedResults/tabulatedVotes.csv": Self.votes,
                "VideoDemographics.csv":
                    "\"ActorID\",\"Age\",\"Sex\"\n1001,51,\"Male\"\n1002,21,\"Female\"\n",
            ]
        )
        defer { published.remove() }
        let intended = try published.clips(.cremaD)
        #expect(intended.map(\.emotion) == [.angry, .sad] && intended.map(\.sex) == [.male, .female])
        #expect(intended.map(\.speaker) == ["crema_1001", "crema_1002"] && intended.map(\.age) == [51, 21])
        #expect(
            intended.map(\.votes) == [
                EmotionVotes([.angry: 1, .happy: 5, .neutral: 3]), EmotionVotes([.angry: 4, .neutral: 4]),
            ]
        )
        var rules = CorpusLayout.Rules()
        rules.label = .voice
        #expect(try published.clips(.cremaD, rules).map(\.emotion) == [.happy, nil], "a tie names nobody")
        rules.label = .audiovisual
        #expect(try published.clips(.cremaD, rules).map(\.emotion) == [.angry, nil])
    }

    @Test func turevNamesSaySpeakerEmotionAndWord() throws {
        let names = [
            "Angry/1157_kz_acik.wav", "Calm/6783_sk_eger.wav", "Sad/1234_hl_gurbuz.wav", "1_xx_a.wav",
        ]
        let published = try Published(recordings: names)
        defer { published.remove() }
        let clips = try published.clips(.turEV)
        #expect(clips.map(\.emotion) == [.angry, .neutral, .sad])
        #expect(clips.map(\.speaker) == ["turev_1157", "turev_6783", "turev_1234"])
        #expect(clips[0].sentence == "acik")
    }

    @Test func emoGatorsBurstsKeepTheirKindAndTeachNoClass() throws {
        let names = ["mp3/000002-03-1.wav", "mp3/000310-28-2.wav", "mp3/000310-31-2.wav", "mp3/2-03-1.wav"]
        let published = try Published(recordings: names)
        defer { published.remove() }
        let clips = try published.clips(.emoGator)
        #expect(clips.map(\.sentence) == ["anger", "surprise (positive)"])
        #expect(
            clips.map(\.speaker) == ["emogator_002", "emogator_310"] && clips.allSatisfy { $0.word == nil }
        )
    }

    @Test func esc50TakesTheCategoryFromItsTable() throws {
        let published = try Published(
            recordings: ["audio/1-100032-A-0.wav", "audio/5-9032-A-0.wav"],
            documents: [
                "meta/esc50.csv": """
                filename,fold,target,category,esc10,src_file,take
                1-100032-A-0.wav,1,0,dog,True,100032,A
                """
            ]
        )
        defer { published.remove() }
        let clips = try published.clips(.esc50)
        #expect(clips.map(\.sentence) == ["dog"] && clips.map(\.speaker) == [nil])
    }

    @Test func speechCommandsAreDividedByTheirLists() throws {
        let published = try Published(
            recordings: [
                "house/00b01445_nohash_0.wav", "left/014f9f65_nohash_0.wav", "left/014f9f65_nohash_1.wav",
                "_background_noise_/running_tap.wav",
            ],
            documents: [
                "testing_list.txt": "house/00b01445_nohash_0.wav\n",
                "validation_list.txt": "left/014f9f65_nohash_1.wav\n",
            ]
        )
        defer { published.remove() }
        let clips = try published.clips(.speechCommands)
        #expect(clips.map(\.split) == [.test, .train, .development])
        #expect(clips.map(\.speaker) == ["sc_00b01445", "sc_014f9f65", "sc_014f9f65"])
        #expect(clips.map(\.sentence) == ["house", "left", "left"])
    }

    @Test func librispeechTakesSexesAndSubsets() throws {
        let published = try Published(
            recordings: ["train-clean-100/103/1240/103-1240-0000.wav", "test-other/14/2/14-2-0001.wav"],
            documents: ["SPEAKERS.TXT": ";ID |SEX| SUBSET\n14   | F | test-other | 25.03 | Kristin LeMoine\n"]
        )
        defer { published.remove() }
        let clips = try published.clips(.librispeech)
        #expect(clips.map(\.speaker) == ["libri_14", "libri_103"] && clips.map(\.sex) == [.female, nil])
        #expect(clips.map(\.split) == [.test, .train] && clips.allSatisfy { $0.word == nil })
    }

    @Test func iemocapTurnsAreTheSessionsTwoSpeakers() throws {
        let label = """
            % [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]
            [START_TIME - END_TIME]\tTURN_NAME\tEMOTION\t[V, A, D]

            [6.2901 - 8.2357]\tSes01F_impro01_F000\tneu\t[2.5000, 4.0000, 3.0000]
            C-E2:\tNeutral;\t()
            C-E3:\tNeutral; Sadness;\t()
            C-E4:\tFrustration;\t()
            C-F1:\tAnger;\t()
            A-E3:\tval 3; act 2; dom  2;\t()
            [10.0100 - 11.3925]\tSes01F_impro01_M001\texc\t[2.5000, 2.5000, 2.5000]
            [11.4 - 12.9]\tSes01F_impro01_M002\txxx\t[2.5000, 2.5000, 2.5000]
            C-E2:\tExcited;\t()
            C-E4:\tNeutral state;\t()
            """
        let wav = "Session1/sentences/wav/Ses01F_impro01/Ses01F_impro01_"
        let published = try Published(
            recordings: ["F000", "M001", "M002"].map { wav + $0 + ".wav" },
            documents: ["Session1/dialog/EmoEvaluation/Ses01F_impro01.txt": label]
        )
        defer { published.remove() }
        let clips = try published.clips(.iemocap)
        #expect(clips.map(\.emotion) == [.neutral, nil, nil])
        #expect(clips.map(\.speaker) == ["Ses01F", "Ses01M", "Ses01M"])
        // On the scale of 1 to 5; the file has valence first.
        #expect(clips[0].attributes == [.valence: -0.25, .arousal: 0.5, .dominance: 0])
        #expect(
            clips.map(\.votes) == [EmotionVotes([.neutral: 2, .sad: 1]), nil, EmotionVotes([.neutral: 1])]
        )
        var rules = CorpusLayout.Rules()
        rules.mergesExcitement = true
        let merged = try published.clips(.iemocap, rules)
        #expect(merged[1].emotion == .happy && merged[2].votes == EmotionVotes([.neutral: 1, .happy: 1]))
    }

    /// A line a worker, in the two forms that releases have.
    @Test(arguments: [
        """
        FileName,WorkerID,EmoClass_Major,EmoClass_Second
        MSP-PODCAST_0001_0008.wav,WORKER00000,Neutral,Neutral
        MSP-PODCAST_0001_0008.wav,WORKER00001,Happy,"Happy,Excited"
        MSP-PODCAST_0001_0008.wav,WORKER00002,Neutral,Neutral
        MSP-PODCAST_0001_0019.wav,WORKER00002,Contempt,Contempt
        """,
        """
        FileName,EmoDetail
        MSP-PODCAST_0001_0008.wav,WORKER00000; Neutral; Neutral; A:2.0; V:5.0; D:4.0;
        MSP-PODCAST_0001_0008.wav,"WORKER00001; Happy; Happy,Excited; A:5.0; V:6.0; D:4.0;"
        MSP-PODCAST_0001_0008.wav,WORKER00002; Neutral; Neutral; A:2.0; V:5.0; D:4.0;
        MSP-PODCAST_0001_0019.wav,WORKER00002; Contempt; Contempt; A:2.0; V:5.0; D:4.0;
        """,
    ])
    func mspPodcastTakesTheConsensusItsSplitAndItsVotes(single: String) throws {
        let table = """
            FileName,EmoClass,EmoAct,EmoVal,EmoDom,SpkrID,Gender,Split_Set
            MSP-PODCAST_0001_0008.wav,N,2.0,4.8,3.6,127,Male,Test1
            MSP-PODCAST_0001_0019.wav,C,3.2,4.2,4.6,Unknown,Female,Train
            """
        let published = try Published(
            recordings: ["Audios/MSP-PODCAST_0001_0008.wav", "Audios/MSP-PODCAST_0001_0019.wav"],
            documents: ["Labels/labels_consensus.csv": table, "Labels/labels_detailed.csv": single]
        )
        defer { published.remove() }
        let clips = try published.clips(.mspPodcast)
        #expect(clips.map(\.emotion) == [.neutral, nil] && clips.map(\.speaker) == ["127", nil])
        #expect(clips.map(\.split) == [.test, .train])
        #expect(clips.map(\.votes) == [EmotionVotes([.neutral: 2, .happy: 1]), nil])
        // On the scale of 1 to 7.
        #expect(clips[0].attributes == [.arousal: -0.6667, .valence: 0.2667, .dominance: -0.1333])
    }

    @Test func mspFaceKeepsUnlabelledSegmentsWithTheirSpeakers() throws {
        let label = """
            {"MSP-FACE_0253_0006.mp4": [{"EmoClass_Major": "H", "EmoAct": "5.4", "EmoDom": "5.0", "EmoVal": "4.8",
              "SpkrID": "27", "Gender": "Female", "Split_Set": "Train"}]}
            """
        let published = try Published(
            recordings: ["audio/MSP-FACE_0253_0006.wav", "audio/MSP-FACE_0001_0001.wav"],
            documents: [
                "Labels/label_consensus.json": label,
                "Labels/labels_detailed.json": """
                {"MSP-FACE_0253_0006.mp4": {"Workers": [
                  {"Name": "WORKER0000013", "EmoClass_Major": "Happy", "EmoClass_Second": "Happy,Concerned"},
                  {"Name": "WORKER0000001", "EmoClass_Major": "Happy", "EmoClass_Second": "Happy"},
                  {"Name": "WORKER0000002", "EmoClass_Major": "Other", "EmoClass_Second": "Amused"}]}}
                """,
                "Doc/speaker_id_segments.txt":
                    "MSP-FACE_0253_0006.mp4,Speaker_27\nMSP-FACE_0001_0001.mp4,Speaker_264\n",
                "Doc/speaker_id_gender.txt": "Speaker_27,Female\nSpeaker_264,Male\n",
            ]
        )
        defer { published.remove() }
        let clips = try published.clips(.mspFace)
        #expect(clips.map(\.emotion) == [nil, .happy] && clips.map(\.sex) == [.male, .female])
        #expect(clips.map(\.votes) == [nil, EmotionVotes([.happy: 2])])
    }

    @Test func foldersAreLabelsAndPerhapsSpeakers() throws {
        let published = try Published(recordings: ["angry/a.wav", "sad/anna/b.wav"])
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
            "line 1: a turn must hold"
        ),
        (
            .mspFace, ["MSP-FACE_0001_0001.wav"], ["Labels/label_consensus.json": "{\"a\": 3}"],
            "not the published table"
        ),
    ])
    func whatIsNotAsPublishedIsNamed(
        layout: CorpusLayout,
        recordings: [String],
        documents: [String: String],
        words: String
    )
        throws
    {
        let published = try Published(recordings: recordings, documents: documents)
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
        let published = try Published(recordings: ["audio/angry/a.wav"])
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

    @Test func aDestinationWithOtherFilesIsRefusedAndOneOfAnImportIsNot() throws {
        let published = try Published(recordings: ["angry/a.wav"])
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
        let published = try Published(recordings: ["angry/a.wav"], documents: ["angry/b.wav": "not audio"])
        defer { published.remove() }
        let result = try CorpusImport.run(.folders, from: published.source, to: published.corpus)
        #expect(result.clips == 1 && result.damaged.count == 1)
        #expect(result.damaged.first?.contains("b.wav") == true)
    }

    @Test(.enabled(if: Fixtures.corpora != nil, "set UNDERTONE_DATA"))
    func theRealVotesOfCremaDAreRead() throws {
        let ratings = try #require(Fixtures.corpora).appending(path: "crema_d_ratings")
        let published = try Published(recordings: [
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
