// SPDX-License-Identifier: Apache-2.0
import AudioFiles
import Corpora
import Foundation
import PlainText
import TestSupport
import Testing

/// File names and labels of each corpus.
struct CorpusLayoutTests {
    @Test func ravdessNamesHaveActorAndEmotionAndSongsAreLeftOut() throws {
        let names = [
            "Actor_12/03-01-06-01-02-01-12.wav", "Actor_01/03-01-02-01-01-01-01.wav",
            "Actor_01/03-02-03-01-01-01-01.wav",
        ]
        let published = try PublishedCorpus(recordings: names)
        defer { published.remove() }
        let clips = try published.clips(.ravdess)
        #expect(clips.map(\.emotion) == [.neutral, .fearful] && clips.map(\.speaker) == ["rav01", "rav12"])
        #expect(clips.map(\.sex) == [.male, .female] && clips.map(\.sentence) == ["S01", "S02"])
        #expect(clips.allSatisfy { abs($0.durationSeconds - 4.37) < 1 })
    }

    @Test func emoDBNamesHaveSpeakerTextAndGermanInitial() throws {
        let published = try PublishedCorpus(recordings: [
            "wav/03a01Fa.wav", "wav/16b10Lb.wav", "wav/notes01.wav",
        ])
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
        let published = try PublishedCorpus(
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
        #expect(try published.clips(.cremaD, rules).map(\.emotion) == [.happy, nil], "a tie gives no label")
        rules.label = .audiovisual
        #expect(try published.clips(.cremaD, rules).map(\.emotion) == [.angry, nil])
    }

    @Test func turevNamesHaveSpeakerEmotionAndWord() throws {
        let names = [
            "Angry/1157_kz_acik.wav", "Calm/6783_sk_eger.wav", "Sad/1234_hl_gurbuz.wav", "1_xx_a.wav",
        ]
        let published = try PublishedCorpus(recordings: names)
        defer { published.remove() }
        let clips = try published.clips(.turEV)
        #expect(clips.map(\.emotion) == [.angry, .neutral, .sad])
        #expect(clips.map(\.speaker) == ["turev_1157", "turev_6783", "turev_1234"])
        #expect(clips[0].sentence == "acik")
    }

    @Test func emoGatorsBurstsKeepTheirKindAndHaveNoClass() throws {
        let names = ["mp3/000002-03-1.wav", "mp3/000310-28-2.wav", "mp3/000310-31-2.wav", "mp3/2-03-1.wav"]
        let published = try PublishedCorpus(recordings: names)
        defer { published.remove() }
        let clips = try published.clips(.emoGator)
        #expect(clips.map(\.sentence) == ["anger", "surprise (positive)"])
        #expect(
            clips.map(\.speaker) == ["emogator_002", "emogator_310"] && clips.allSatisfy { $0.word == nil }
        )
    }

    @Test func esc50TakesTheCategoryFromItsTable() throws {
        let published = try PublishedCorpus(
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
        let published = try PublishedCorpus(
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
        let published = try PublishedCorpus(
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
        let published = try PublishedCorpus(
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

    /// One line for each worker, in the two forms of the releases.
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
        let published = try PublishedCorpus(
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
        let published = try PublishedCorpus(
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
}
