// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// `analyze` with a row an utterance, with files for other programs, and with pictures.
@Suite struct UtteranceTests {
    let folder = TemporaryFolder()

    private func conversation() throws -> String {
        try folder.write(Sounds.wav(Sounds.conversation()), to: "talk.wav")
    }

    @Test func eachUtteranceIsARowAndTheFileSaysHowManyItCovers() async throws {
        let outcome = try await Program.undertone.run(["analyze", "--utterances", try conversation()])
        #expect(outcome.status == 0 && outcome.messages.isEmpty, "\(outcome.testDescription)")
        let lines = try outcome.objects()
        let utterances = lines.filter { $0["type"] as? String == "utterance" }
        let file = try #require(lines.last)
        #expect(utterances.count == 3 && file["type"] as? String == "clip")
        #expect(file["utterances"] as? Int == utterances.count)
        let counts = try #require(file["labels"] as? [String: Int])
        #expect(counts.values.reduce(0, +) == utterances.count { $0["label"] is String })
        for row in utterances {
            let (start, end) = (row["start_s"] as? Double ?? 0, row["end_s"] as? Double ?? 0)
            let level = row["level_db"] as? Double ?? -120
            #expect(start >= 0.5 && end > start && (-60..<0).contains(level), "\(row)")
        }
    }

    @Test func silenceHasNoProbabilities() async throws {
        let file = try folder.write(Sounds.wav(Sounds.silence(seconds: 3)), to: "silence.wav")
        let row = try #require(try await Program.undertone.run(["analyze", "--json", file]).objects().first)
        #expect(row["p"] is NSNull && row["conf"] is NSNull && row["utterances"] as? Int == 0)
    }

    @Test func allFormatsComeAtOnce() async throws {
        let out = folder("out")
        let words = ["analyze", "--format", "csv,jsonl,srt,vtt,textgrid,elan,rttm", "--out", out]
        for _ in 0..<2 {
            let outcome = try await Program.undertone.run(words + [try conversation(), "/nonexistent.wav"])
            #expect(outcome.status == 9 && outcome.messages.contains("/nonexistent.wav"))
            let names = try Set(FileManager.default.contentsOfDirectory(atPath: out))
            #expect(
                names == [
                    ".undertone-analyze", "files.csv", "files.jsonl", "talk.TextGrid", "talk.elan.txt",
                    "talk.srt",
                    "talk.vtt", "utterances.csv", "utterances.jsonl", "utterances.rttm",
                ]
            )
        }
        let table = try String(contentsOfFile: out + "/utterances.csv", encoding: .utf8)
        #expect(table.split(separator: "\n").count == 4)
    }

    @Test func filesOfOthersAreLeftAlone() async throws {
        let other = try folder.write("mine", to: "notes.txt")
        for words in [
            ["--format", "srt", "--out", folder.path], ["--html", other], ["--svg", other],
        ] {
            let outcome = try await Program.undertone.run(["analyze", Sounds.speech[0]] + words)
            #expect(
                outcome.status == 2 && outcome.messages.contains("--overwrite"),
                "\(outcome.testDescription)"
            )
        }
        #expect(try String(contentsOfFile: other, encoding: .utf8) == "mine")
        let outcome = try await Program.undertone.run([
            "analyze", "--overwrite", "--html", other, Sounds.speech[0],
        ])
        #expect(outcome.status == 0)
        #expect(try String(contentsOfFile: other, encoding: .utf8).hasPrefix("<!doctype html>"))
    }

    @Test(arguments: [
        (["--format", "word"], "--format is 'word'"), (["--channel", "13"], "--channel is '13'"),
        (["--format", "srt,vtt"], "need --out"), (["--out", "x"], "--out needs --format"),
    ])
    func whatCannotBeIsSaidInASentence(words: [String], sentence: String) async throws {
        let outcome = try await Program.undertone.run(["analyze", Sounds.speech[0]] + words)
        #expect(outcome.status == 2 && outcome.messages.contains(sentence), "\(outcome.testDescription)")
    }

    @Test func eachChannelIsAnalysedByItself() async throws {
        let speech = try Sounds.decoded(Sounds.speech[0])
        var stereo = Data()
        for index in stride(from: 0, to: speech.count - 1, by: 2) {
            stereo += speech[index..<index + 2] + Data(count: 2)
        }
        var wav = Sounds.wav(stereo)
        wav[22] = 2
        wav[32] = 4
        let file = try folder.write(wav, to: "stereo.wav")
        let rows = try await Program.undertone.run(["analyze", "--json", "--channel", "each", file]).objects()
        #expect(rows.map { $0["channel"] as? Int } == [1, 2])
        #expect(rows[0]["label"] is String && rows[1]["why"] as? String == "no_speech")
        let third = try await Program.undertone.run(["analyze", "--json", "--channel", "3", file])
        #expect(third.status == 9 && third.messages.contains("channel 3"), "\(third.testDescription)")
    }

    @Test func aTenthOfASecondGivesAPageAndADrawing() async throws {
        let file = try folder.write(Sounds.wav(Data(count: 3_200)), to: "short.wav")
        let (page, drawing) = (folder("page.html"), folder("drawing.svg"))
        let outcome = try await Program.undertone.run(["analyze", "--html", page, "--svg", drawing, file])
        #expect(outcome.status == 0, "\(outcome.testDescription)")
        #expect(try String(contentsOfFile: page, encoding: .utf8).contains("short.wav"))
        #expect(try String(contentsOfFile: drawing, encoding: .utf8).hasSuffix("</svg>\n"))
    }
}
