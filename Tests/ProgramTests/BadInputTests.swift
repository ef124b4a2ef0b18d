// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// Bad input gives one sentence and the documented status, and never a crash.
@Suite struct BadInputTests {
    let folder = TemporaryFolder()

    /// One sentence on stderr, nothing on stdout.
    func expect(
        _ outcome: Outcome,
        status: Int32,
        naming name: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(outcome.status == status, "\(outcome.testDescription)", sourceLocation: sourceLocation)
        #expect(outcome.sentence.contains(name), "\(outcome.testDescription)", sourceLocation: sourceLocation)
        #expect(
            !outcome.sentence.contains("\n"),
            "\(outcome.testDescription)",
            sourceLocation: sourceLocation
        )
        #expect(outcome.output.isEmpty, "\(outcome.testDescription)", sourceLocation: sourceLocation)
    }

    @Test func aFileThatCannotBeReadEndsWithNine() async throws {
        let files = [
            folder("missing.wav"),
            try folder.write(Data(), to: "empty.wav"),
            try folder.write("This is a letter, not a recording.\n", to: "letter.wav"),
            try folder.write(Sounds.wav(Data(count: 32_000)).prefix(20), to: "header.wav"),
            try folder.write(Data(Sounds.decoded(Sounds.speech[0]).prefix(9_999)), to: "raw.opus"),
            folder.path,
        ]
        for file in files {
            expect(try await Program.undertone.run(["listen", file]), status: 9, naming: file)
        }
    }

    @Test func anEmptyPipeIsNoSuccess() async throws {
        expect(try await Program.undertone.run(["listen", "-"], input: Data()), status: 9, naming: "stdin")
    }

    @Test func anUnreadableFileEndsWithNineOrEight() async throws {
        let file = try folder.write(Sounds.wav(Data(count: 3_200)), to: "secret.wav")
        chmod(file, 0)
        let outcome = try await Program.undertone.run(["listen", file])
        // Root may read everything.
        #expect(
            getuid() == 0 ? outcome.status == 0 : [8, 9].contains(outcome.status),
            "\(outcome.testDescription)"
        )
    }

    @Test func aFileThatEndsEarlyIsAnalysedUpToItsEnd() async throws {
        let whole = Sounds.wav(try Sounds.decoded(Sounds.speech[0]))
        let file = try folder.write(whole.prefix(whole.count / 2), to: "half.wav")
        let outcome = try await Program.undertone.run(["analyze", "--json", file])
        #expect(
            outcome.status == 9 && outcome.messages.contains("half.wav ends early"),
            "\(outcome.testDescription)"
        )
        let row = try #require(try outcome.objects().first)
        let seconds = try #require(row["duration_s"] as? Double)
        #expect(abs(seconds - Double(whole.count / 2 - 44) / 32_000) < 0.01)
        let listened = try await Program.undertone.run(["listen", "--json", file])
        #expect(listened.status == 9 && !listened.output.isEmpty && !listened.sentence.contains("\n"))
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity, .greatestFiniteMagnitude, .leastNonzeroMagnitude])
    func invalidSamplesDoNoHarm(value: Float) async throws {
        var samples = [Float](repeating: 0.1, count: 32_000)
        for index in stride(from: 0, to: samples.count, by: 7) { samples[index] = value }
        let sound = SoundFile(samples: samples, sampleRate: 16_000, encoding: .f32)
        let file = try folder.write(Data(sound.bytes), to: "strange.wav")
        let outcome = try await Program.undertone.run(["listen", "--json", file])
        #expect(outcome.status == 0, "\(outcome.testDescription)")
        #expect(try !outcome.objects().isEmpty)
    }

    @Test func oneBadFileDoesNotStopTheOthers() async throws {
        let bad = try folder.write(Data("no sound".utf8), to: "bad.wav")
        let files = [Sounds.speech[0], bad, folder("missing.wav"), folder.path, Sounds.speech[1]]
        let outcome = try await Program.undertone.run(["analyze", "--json"] + files)
        #expect(outcome.status == 9, "\(outcome.testDescription)")
        #expect(try outcome.objects().map { $0["file"] as? String } == [Sounds.speech[0], Sounds.speech[1]])
        let messages = outcome.messages.split(separator: "\n")
        #expect(messages.count == 4, "\(outcome.messages)")
        for (message, name) in zip(messages, [bad, "missing.wav", "--recursive", "3 inputs"]) {
            #expect(message.contains(name))
        }
    }

    @Test func aModelThatCannotBeUsedEndsWithFive() async throws {
        let shipped = Program.undertone.url.deletingLastPathComponent()
            .appending(path: "undertone_ModelBundle.resources/default")
        let weights = try Data(contentsOf: shipped.appending(path: "model.safetensors"))
        let configuration = try Data(contentsOf: shipped.appending(path: "config.json"))
        func model(_ name: String, _ files: [String: Data]) throws -> String {
            try FileManager.default.createDirectory(atPath: folder(name), withIntermediateDirectories: true)
            for (file, data) in files { _ = try folder.write(data, to: name + "/" + file) }
            return folder(name)
        }
        var altered = weights
        altered[altered.count - 1] ^= 1
        let models = [
            folder("nowhere"),
            try model("empty", [:]),
            try model("weightless", ["config.json": configuration]),
            try model("wordless", ["model.safetensors": weights]),
            try model("short", ["config.json": configuration, "model.safetensors": weights.dropLast(1_000)]),
            try model("altered", ["config.json": configuration, "model.safetensors": altered]),
            try model("garbled", ["config.json": configuration.dropLast(9), "model.safetensors": weights]),
        ]
        for path in models {
            expect(
                try await Program.undertone.run(["analyze", "--model", path, Sounds.speech[0]]),
                status: 5,
                naming: path
            )
            let daemon = try await Program.undertoned.run(["--model", path, "--socket", folder("u.sock")])
            expect(daemon, status: 5, naming: path)
        }
    }

    @Test(arguments: [("alsa:nobody_has_this", "nobody_has_this"), ("pulse:nobody_has_this", "PulseAudio")])
    func aMissingDeviceEndsWithFour(device: String, name: String) async throws {
        let environment = ["PULSE_SERVER": "unix:" + folder("no-server")]
        let outcome = try await Program.undertone.run(
            ["listen", "--device", device],
            environment: environment
        )
        expect(outcome, status: 4, naming: name)
    }

    @Test func aMissingChannelEndsWithFour() async throws {
        let outcome = try await Program.undertone.run(
            ["listen", "-", "--channel", "2"],
            input: Data(count: 32_000)
        )
        expect(outcome, status: 4, naming: "channel")
    }

    @Test func withoutADaemonClientsEndWithThree() async throws {
        for command in ["watch", "status"] {
            let outcome = try await Program.undertone.run([command, "--socket", folder("none.sock")])
            expect(outcome, status: 3, naming: folder.path)
        }
    }
}
