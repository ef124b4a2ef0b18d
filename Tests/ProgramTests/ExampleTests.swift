// SPDX-License-Identifier: Apache-2.0
import AudioFiles
import Foundation
import TestSupport
import Testing

/// The programs in `Examples`, as they were built next to this test bundle.
@Suite struct ExampleTests {
    private let folder = TemporaryFolder()

    private func start(_ example: String, _ arguments: [String] = [], input: Data? = nil) throws
        -> RunningProgram
    {
        let path = Program.undertone.url.deletingLastPathComponent().appending(path: example).path
        return try RunningProgram(path, arguments, environment: Program.cleanEnvironment, input: input)
    }

    @Test func classifyFileNamesTheEmotionInEachFile() async throws {
        let outcome = try await start("ClassifyFile", Sounds.speech).outcome()
        #expect(outcome.status == 0 && outcome.outputLines.count == 6, "\(outcome.testDescription)")
        let lines = outcome.outputLines.filter { !$0.hasPrefix(" ") }
        try #require(lines.count == 3)
        let rows = try await Program.undertone.run(["analyze", "--json"] + Sounds.speech).objects()
        for (line, row) in zip(lines, rows) {
            let (file, label) = try (#require(row["file"] as? String), #require(row["label"] as? String))
            #expect(line.hasPrefix("\(file): \(label) 0."), "\(line)")
        }
        #expect(lines[0].contains("angry.opus: angry") && lines[2].contains("sad.opus: sad"), "\(lines)")
    }

    @Test func liveMicrophoneNamesTheEmotionInRawSamples() async throws {
        let clip = try AudioClip(path: Sounds.speech[0])
        // Each sample three times gives 48 kHz, which is good enough for a voice.
        let samples = clip.samples.flatMap { [$0, $0, $0] }
        let outcome = try await start("LiveMicrophone", input: Data(SoundEncoding.f32.bytes(of: samples)))
            .outcome()
        #expect(outcome.status == 0 && outcome.output.contains("angry 0."), "\(outcome.testDescription)")
        #expect(outcome.outputLines.first == "speech" && outcome.outputLines.last == "silence")
    }

    @Test func socketClientPrintsWhatTheDaemonReports() async throws {
        let file = try folder.write(Sounds.wav(Sounds.conversation()), to: "conversation.wav")
        let daemon = try await Daemon(device: "file:" + file, options: ["--capture", "subscribed"])
        let client = try start("SocketClient", [daemon.socketPath])
        let isHeard = try await eventually(within: 60) { client.outputSoFar.contains("angry 0.") }
        #expect(isHeard, "\(client.outputSoFar) \(client.messagesSoFar)")
        _ = await daemon.terminate()
        let outcome = await client.outcome()
        #expect(outcome.status == 0 && outcome.messages.isEmpty, "\(outcome.testDescription)")
    }

    @Test func trainOnYourVoiceWritesAModelAndTriesIt() async throws {
        let recordings = folder("recordings")
        for (name, path) in zip(["angry", "happy", "sad"], Sounds.speech) {
            try FileManager.default.createDirectory(
                atPath: recordings + "/" + name,
                withIntermediateDirectories: true
            )
            for copy in 1...3 {
                try FileManager.default.copyItem(atPath: path, toPath: "\(recordings)/\(name)/\(copy).opus")
            }
        }
        let outcome = try await start("TrainOnYourVoice", [recordings, folder("model"), Sounds.speech[2]])
            .outcome()
        #expect(outcome.status == 0, "\(outcome.testDescription)")
        #expect(outcome.outputLines.last?.contains("sad.opus: sad 0.") == true, "\(outcome.testDescription)")
    }
}
