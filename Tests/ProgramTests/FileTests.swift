// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// `listen` and `analyze` on real recordings.
@Suite struct FileTests {
    let folder = TemporaryFolder()

    @Test func aRecordingGivesLinesOfTheProtocol() async throws {
        let outcome = try await Program.undertone.run(["listen", "--json", Sounds.speech[0]])
        #expect(outcome.status == 0 && outcome.messages.isEmpty, "\(outcome.testDescription)")
        let events = try outcome.objects()
        let kinds = Set(events.compactMap { $0["type"] as? String })
        #expect(kinds.isSuperset(of: ["estimate", "utterance", "vad"]))
        let estimates = events.filter { $0["type"] as? String == "estimate" }
        #expect(estimates.compactMap { $0["seq"] as? Int } == Array(0..<estimates.count).map { $0 })
    }

    @Test func textOutputHasOneLineForEachUtterance() async throws {
        let outcome = try await Program.undertone.run(["listen", Sounds.speech[0]])
        #expect(outcome.status == 0)
        #expect(!outcome.outputLines.isEmpty)
        let shape = #/\d\d:\d\d\.\d–\d\d:\d\d\.\d  (\w+ [01]\.\d\d|no label: \w+)  \(\d+\.\d s\)/#
        for line in outcome.outputLines { #expect(try shape.wholeMatch(in: line) != nil, "\(line)") }
    }

    @Test func stdinGivesTheSameAsTheFile() async throws {
        let speech = try Sounds.decoded(Sounds.speech[1])
        let file = try folder.write(Sounds.wav(speech), to: "speech.wav")
        let fromFile = try await Program.undertone.run(["listen", file])
        let fromStdin = try await Program.undertone.run(
            ["listen", "-", "--rate", "16000", "--channels", "1", "--format", "s16"],
            input: speech
        )
        #expect(fromStdin.status == 0 && !fromFile.output.isEmpty, "\(fromStdin.testDescription)")
        #expect(fromStdin.output == fromFile.output)
    }

    @Test func aReaderThatClosesThePipeIsNoFailure() async throws {
        let shell = Process()
        let output = Pipe()
        let messages = Pipe()
        shell.executableURL = URL(filePath: "/bin/bash")
        let program = Program.undertone.url.path
        shell.arguments = [
            "-c", "set -o pipefail; '\(program)' listen --json '\(Sounds.speech[0])' | head -1",
        ]
        shell.standardOutput = output
        shell.standardError = messages
        try shell.run()
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        shell.waitUntilExit()
        #expect(shell.terminationStatus == 0)
        #expect(text.split(separator: UInt8(ascii: "\n")).count == 1)
        #expect(try messages.fileHandleForReading.readToEnd() ?? Data() == Data())
    }

    @Test func realTimeTakesRealTime() async throws {
        let file = try folder.write(Sounds.wav(Sounds.silence(seconds: 2)), to: "two-seconds.wav")
        let start = ContinuousClock.now
        let outcome = try await Program.undertone.run(["listen", "--realtime", "--json", file])
        // A lower bound only: no machine is too slow for it.
        #expect(ContinuousClock.now - start > .milliseconds(1_900))
        #expect(outcome.status == 0, "\(outcome.testDescription)")
    }

    @Test func analyzeGivesOneRowForEachFile() async throws {
        let outcome = try await Program.undertone.run(["analyze"] + Sounds.speech)
        #expect(outcome.status == 0 && outcome.messages.isEmpty, "\(outcome.testDescription)")
        let rows = try outcome.objects()
        #expect(rows.map { $0["file"] as? String } == Sounds.speech)
        for row in rows {
            let probabilities = try #require(row["p"] as? [String: Double])
            #expect(abs(probabilities.values.reduce(0, +) - 1) < 0.002)
            #expect((row["speech_s"] as? Double).map { $0 > 0.4 } == true, "\(row)")
        }
    }

    @Test func csvHasTheSameNumbersAsJSON() async throws {
        let name = folder("with, comma.wav")
        try Sounds.wav(try Sounds.decoded(Sounds.speech[2])).write(to: URL(filePath: name))
        let csv = try await Program.undertone.run(["analyze", "--csv", name])
        let json = try await Program.undertone.run(["analyze", "--json", name])
        let row = try #require(try json.objects().first)
        let header = try #require(csv.outputLines.first).split(separator: ",").map(String.init)
        let line = try #require(csv.outputLines.last).replacing("\"\(name)\"", with: "FILE")
        let values = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        #expect(header.count == values.count && values.first == "FILE")
        let cells = Dictionary(zip(header, values)) { first, _ in first }
        #expect(cells["label"] == row["label"] as? String ?? "")
        for (label, p) in try #require(row["p"] as? [String: Double]) {
            #expect(Double(cells[label] ?? "") == p)
        }
        #expect(Double(cells["speech_s"] ?? "") == row["speech_s"] as? Double)
    }

    @Test func namesMayComeFromAListOrAFolder() async throws {
        let list = Sounds.speech.joined(separator: "\n") + "\n"
        let listed = try await Program.undertone.run(
            ["analyze", "--files-from", "-"],
            input: Data(list.utf8)
        )
        #expect(try listed.objects().map { $0["file"] as? String } == Sounds.speech)
        let parent = Fixtures.url("speech").path
        let found = try await Program.undertone.run(["analyze", "--recursive", parent])
        #expect(try Set(found.objects().map { $0["file"] as? String }) == Set(Sounds.speech))
    }

    @Test func aFolderIsSearchedInTheOrderOfItsNames() async throws {
        let names = ["a.wav", "b/deep/c.WAV", "b/notes.txt", "b/z.wav", "c.wav", "d/letter.md"]
        for name in names.shuffled() {
            let parent = (folder(name) as NSString).deletingLastPathComponent
            try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
            _ = try folder.write(Sounds.wav(Sounds.silence(seconds: 1)), to: name)
        }
        try FileManager.default.createSymbolicLink(atPath: folder("b/back"), withDestinationPath: folder.path)
        let outcome = try await Program.undertone.run(["analyze", "--recursive", folder.path])
        #expect(outcome.status == 0 && outcome.messages.isEmpty, "\(outcome.testDescription)")
        let files = try outcome.objects().map { $0["file"] as? String }
        #expect(files == [names[0], names[1], names[3], names[4]].map { folder($0) })
    }

    @Test func aFolderOrListWithoutSoundFilesIsReported() async throws {
        let empty = folder("empty")
        try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: true)
        let list = try folder.write("\n\n", to: "list")
        for (words, sentence) in [
            (["--recursive", empty], "\(empty) holds no sound file"),
            (["--files-from", list], "the list of files '\(list)' contains no names"),
            (["--files-from", empty], "cannot read the list of files '\(empty)'"),
            (["--recursive", ""], "'' names no file"),
        ] {
            let outcome = try await Program.undertone.run(["analyze", "--json", Sounds.speech[0]] + words)
            #expect(outcome.status == 9 && outcome.messages.contains(sentence), "\(outcome.testDescription)")
            #expect(outcome.outputLines.count == 1)
        }
    }

    @Test func silenceIsNotNeutral() async throws {
        let file = try folder.write(Sounds.wav(Sounds.silence(seconds: 3)), to: "silence.wav")
        let row = try #require(try await Program.undertone.run(["analyze", "--json", file]).objects().first)
        #expect(row["label"] is NSNull && row["why"] as? String == "no_speech")
    }
}
