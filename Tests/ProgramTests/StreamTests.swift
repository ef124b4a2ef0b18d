// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// Containers on standard input, as `ffmpeg -f wav -` and `arecord` write them.
@Suite struct StreamTests {
    let folder = TemporaryFolder()

    /// The placeholder of ffmpeg for a length that it does not know.
    private func piped(_ path: String) throws -> Data {
        let samples = try Sounds.decoded(path)
        return Data(SoundFile(samples: [], sampleRate: 16_000, declaredByteCount: 0xFFFF_FFFF).bytes)
            + samples
    }

    @Test(arguments: [[], ["--rate", "48000", "--channels", "2", "--format", "f32"]] as [[String]])
    func listenReadsAWAVStreamAsItsHeaderSays(flags: [String]) async throws {
        let file = try folder.write(Sounds.wav(try Sounds.decoded(Sounds.speech[1])), to: "speech.wav")
        let fromFile = try await Program.undertone.run(["listen", file])
        let fromPipe = try await Program.undertone.run(
            ["listen", "-"] + flags,
            input: piped(Sounds.speech[1])
        )
        #expect(fromPipe.status == 0 && !fromFile.output.isEmpty, "\(fromPipe.testDescription)")
        #expect(fromPipe.output == fromFile.output)
    }

    @Test func listenAndAnalyzeReadAnOpusStream() async throws {
        let stream = try Data(contentsOf: Fixtures.speech[0])
        let fromFile = try await Program.undertone.run(["listen", Sounds.speech[0]])
        let fromPipe = try await Program.undertone.run(["listen", "-"], input: stream)
        #expect(fromPipe.status == 0 && fromPipe.output == fromFile.output, "\(fromPipe.testDescription)")
        let file = try await Program.undertone.run(["analyze", "--json", Sounds.speech[0]])
        let pipe = try await Program.undertone.run(["analyze", "--json", "-"], input: stream)
        let expected = file.output.replacing("\"" + Sounds.speech[0] + "\"", with: "\"-\"")
        #expect(pipe.status == 0 && pipe.output == expected, "\(pipe.testDescription)")
    }

    @Test func rawSoundIsRefusedByAnalyze() async throws {
        let outcome = try await Program.undertone.run(["analyze", "-"], input: Data(count: 64_000))
        #expect(outcome.status == 9 && outcome.output.isEmpty, "\(outcome.testDescription)")
        #expect(outcome.messages.contains("'undertone listen - --rate RATE"), "\(outcome.testDescription)")
    }

    @Test func theDaemonReadsAWAVStreamOnItsStandardInput() async throws {
        let path = folder("undertone.sock")
        let stream =
            try Data(SoundFile(samples: [], sampleRate: 16_000, declaredByteCount: 0).bytes)
            + Sounds.conversation()
        let running = try Program.undertoned.start(["--device", "stdin", "--socket", path], input: stream)
        let isUp = try await eventually { !running.isRunning || SocketClient.isAnswered(at: path) }
        #expect(isUp && running.isRunning, "\(running.messagesSoFar)")
        let samples = stream.count / 2 - 22
        let isHeard = try await eventually {
            let status = running.isRunning ? try self.capturedSamples(path) : nil
            return status == samples
        }
        let captured = try capturedSamples(path)
        #expect(isHeard, "\(captured ?? -1) of \(samples)")
        running.send(SIGTERM)
        _ = await running.outcome()
    }

    private func capturedSamples(_ socket: String) throws -> Int? {
        let process = Process()
        let output = Pipe()
        process.executableURL = Program.undertone.url
        process.arguments = ["status", "--json", "--socket", socket]
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        let object = try? JSONSerialization.jsonObject(with: data) as? [String: Any]
        return (object?["capture"] as? [String: Any])?["captured"] as? Int ?? object?["captured"] as? Int
    }

    @Test(arguments: ["webm", "mp4"])
    func aFormatThatNeedsSeekingIsRefusedWithTheCommandToConvertIt(kind: String) async throws {
        let start: [UInt8] =
            kind == "webm" ? [0x1A, 0x45, 0xDF, 0xA3] : [0, 0, 0, 32] + Array("ftypM4A ".utf8)
        let outcome = try await Program.undertone.run(
            ["listen", "-"],
            input: Data(start + [UInt8](repeating: 0, count: 999))
        )
        #expect(outcome.status == 9 && outcome.output.isEmpty, "\(outcome.testDescription)")
        #expect(
            outcome.sentence.contains("ffmpeg -i - -f wav - | undertone listen -"),
            "\(outcome.testDescription)"
        )
    }

    @Test func aStreamThatEndsEarlyEndsWithNine() async throws {
        let whole = Sounds.wav(try Sounds.decoded(Sounds.speech[0]))
        let outcome = try await Program.undertone.run(["listen", "-"], input: whole.dropLast(9_000))
        #expect(outcome.status == 9 && !outcome.output.isEmpty, "\(outcome.testDescription)")
        #expect(outcome.messages.contains("stdin ends early"), "\(outcome.testDescription)")
    }
}
