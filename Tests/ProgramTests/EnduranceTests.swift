// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// Conditions that must neither end the daemon without a message nor keep it from ending.
@Suite(.serialized) struct EnduranceTests {
    private let tone = "tone:440"

    private func tell(_ daemon: Daemon, _ words: String...) async throws -> Outcome {
        try await Program.undertone.run(words + ["--socket", daemon.socketPath])
    }

    @Test func straySignalsDoNotEndTheDaemon() async throws {
        let daemon = try await Daemon(device: tone)
        for number in [SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGIO, SIGPWR, 34, 64] {
            daemon.running.send(number)
        }
        #expect(try await tell(daemon, "status").status == 0)
        #expect(await daemon.terminate().status == 0)
    }

    @Test func aRemovedSocketIsMadeAgainAndTheClientsStay() async throws {
        let daemon = try await Daemon(device: tone)
        let client = try daemon.client()
        try client.subscribe(to: ["estimate"])
        for name in ["undertone.sock", "control.sock"] {
            try FileManager.default.removeItem(atPath: daemon.folder(name))
        }
        let path = daemon.socketPath
        #expect(try await eventually { SocketClient.isAnswered(at: path) })
        #expect(try await tell(daemon, "mute").status == 0)
        _ = try client.next("estimate")
        #expect(await daemon.terminate().status == 0)
    }

    /// While the first daemon is stopped it cannot make its socket again, and with its files it loses its lock.
    @Test func aDaemonWhoseSocketAnotherOneTakesEndsInASentence() async throws {
        let first = try await Daemon(device: tone)
        let path = first.socketPath
        first.running.send(SIGSTOP)
        for name in ["undertone.sock", "control.sock", "undertone.sock.lock", "control.sock.lock"] {
            try FileManager.default.removeItem(atPath: first.folder(name))
        }
        let second = try Program.undertoned.start(
            ["--device", tone, "--socket", path],
            environment: first.environment
        )
        let isUp = try await eventually(within: 60) { SocketClient.isAnswered(at: path) }
        first.running.send(SIGCONT)
        try #require(isUp, "\(second.messagesSoFar)")
        let running = first.running
        try #require(try await eventually(within: 60) { !running.isRunning }, "\(running.messagesSoFar)")
        let outcome = await first.running.outcome()
        #expect(outcome.status == 11, "\(outcome.testDescription)")
        #expect(outcome.messages.contains("another instance is running at \(path)"))
        #expect(SocketClient.isAnswered(at: path) && second.isRunning, "\(second.messagesSoFar)")
    }

    @Test func aConfigurationThatIsAPipeIsRefusedAndTheDaemonGoesOn() async throws {
        let folder = TemporaryFolder()
        let file = try folder.write("device: \(tone)\n", to: "undertone.yaml")
        let daemon = try await Daemon(device: tone, options: ["--config", file])
        try FileManager.default.removeItem(atPath: file)
        try #require(mkfifo(file, 0o600) == 0)
        let refused = try await tell(daemon, "reload")
        #expect(
            refused.status == 6 && refused.sentence.contains("it is a pipe"),
            "\(refused.testDescription)"
        )
        #expect(try await tell(daemon, "mute").status == 0)
        #expect(try await tell(daemon, "unmute").status == 0)
        #expect(await daemon.terminate().status == 0)
        let outcome = try await Program.undertoned.run([
            "--config", file, "--socket", folder("undertone.sock"),
        ])
        #expect(
            outcome.status == 10 && outcome.sentence.contains("it is a pipe"),
            "\(outcome.testDescription)"
        )
    }

    @Test(arguments: [12, 16, 20, 24]) func tooFewFilesAreReportedInASentence(_ limit: Int) async throws {
        let folder = TemporaryFolder()
        let program = Program.undertoned.url.path
        let words = ["-c", "ulimit -n \(limit); exec \"$0\" --device \(tone) --socket \"$1\"", program]
        let outcome = try await RunningProgram(
            "/bin/sh",
            words + [folder("undertone.sock")],
            environment: Program.cleanEnvironment.merging(["XDG_STATE_HOME": folder.path]) { $1 }
        ).outcome()
        #expect(
            outcome.status == 1 && outcome.sentence.contains("raise the limit"),
            "\(outcome.testDescription)"
        )
    }

    @Test func aSoftLimitOfFilesIsRaised() async throws {
        let folder = TemporaryFolder()
        let program = Program.undertoned.url.path
        let path = folder("undertone.sock")
        let daemon = try RunningProgram(
            "/bin/sh",
            ["-c", "ulimit -S -n 20; exec \"$0\" --device \(tone) --socket \"$1\"", program, path],
            environment: Program.cleanEnvironment.merging(["XDG_STATE_HOME": folder.path]) { $1 }
        )
        #expect(try await eventually { SocketClient.isAnswered(at: path) })
        daemon.send(SIGTERM)
        #expect(await daemon.outcome().status == 0)
    }

    @Test func aModelThatDoesNotFitIntoMemoryIsRefusedInASentence() async throws {
        let folder = TemporaryFolder()
        let model = folder("model")
        let shipped = Fixtures.root.appending(path: "Sources/ModelBundle/Resources/default").path
        try FileManager.default.copyItem(atPath: shipped, toPath: model)
        // A sparse file: large, but without space on the disk.
        try #require(truncate(model + "/model.safetensors", 100 << 20) == 0)
        let program = Program.undertoned.url.path
        let command = "ulimit -v 500000; exec \"$0\" --device \(tone) --socket \"$1\" --model \"$2\""
        let outcome = try await RunningProgram(
            "/bin/sh",
            ["-c", command, program, folder("undertone.sock"), model],
            environment: Program.cleanEnvironment
        ).outcome()
        #expect(
            outcome.status == 5 && outcome.sentence.contains("ulimit -v leaves"),
            "\(outcome.testDescription)"
        )
    }

    @Test(.enabled(if: MemoryGroup.canBeMade, "needs root and a control group with a limit on memory"))
    func aModelThatDoesNotFitIntoTheControlGroupIsRefusedInASentence() async throws {
        let group = try #require(MemoryGroup(byteCount: 40 << 20))
        defer { group.remove() }
        let folder = TemporaryFolder()
        let command = "echo $$ > \"$2\"; exec \"$0\" --device \(tone) --socket \"$1\""
        let outcome = try await RunningProgram(
            "/bin/sh",
            ["-c", command, Program.undertoned.url.path, folder("undertone.sock"), group.members],
            environment: Program.cleanEnvironment
        ).outcome()
        #expect(
            outcome.status == 5 && outcome.sentence.contains("MemoryMax of its control group leaves"),
            "\(outcome.testDescription)"
        )
    }

    @Test(arguments: [("estimates.minimum_heard_ms", "30000"), ("estimates.longest_utterance_s", "1")])
    func settingsThatWouldNameNoLabelAreRefused(key: String, value: String) async throws {
        let daemon = try await Daemon(device: tone, options: ["--estimates-minimum-heard-ms", "1000"])
        let outcome = try await tell(daemon, "set", key, value)
        #expect(outcome.status == 6, "\(outcome.testDescription)")
        #expect(outcome.sentence.contains("no label would ever be named"), "\(outcome.testDescription)")
    }

    @Test func aModelWithAbsurdWeightsIsReported() async throws {
        let folder = TemporaryFolder()
        let model = folder("model")
        let shipped = Fixtures.root.appending(path: "Sources/ModelBundle/Resources/default").path
        try FileManager.default.copyItem(atPath: shipped, toPath: model)
        let path = model + "/model.safetensors"
        var bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
        let header = 8 + (0..<8).reduce(0) { $0 | Int(bytes[$1]) << (8 * $1) }
        let value = (1e30 as Float).bitPattern
        for index in header..<bytes.count {
            bytes[index] = UInt8(truncatingIfNeeded: value >> (8 * ((index - header) % 4)))
        }
        try Data(bytes).write(to: URL(filePath: path))
        let old = try await checksum(of: shipped + "/model.safetensors")
        let new = try await checksum(of: path)
        let configuration = try String(contentsOfFile: model + "/config.json", encoding: .utf8)
        _ = try folder.write(configuration.replacing(old, with: new), to: "model/config.json")
        let daemon = try await Daemon(device: tone, options: ["--model", model])
        #expect(
            daemon.running.messagesSoFar.contains("gives the same output for speech and silence"),
            "\(daemon.running.messagesSoFar)"
        )
        #expect(await daemon.terminate().status == 0)
    }

    private func checksum(of path: String) async throws -> String {
        let sum = try await RunningProgram("/usr/bin/sha256sum", [path], environment: [:]).outcome()
        return String(sum.output.prefix(64))
    }

    /// A process that was stopped for a while finds a backlog, which counts as one loss and not as one for each buffer.
    @Test func aFreezeIsOneLoss() async throws {
        let daemon = try await Daemon(device: tone)
        let client = try daemon.client()
        try client.subscribe(to: ["overrun", "estimate"])
        _ = try client.next("estimate")
        daemon.running.send(SIGSTOP)
        try await Task.sleep(for: .seconds(8))
        daemon.running.send(SIGCONT)
        let deadline = Date() + 6
        while Date() < deadline { _ = try client.line(within: 1) }
        let losses = client.received.filter { $0["type"] as? String == "overrun" }
        // A busy machine may lose a little more a moment later, and reports that by itself.
        let long = losses.compactMap { $0["samples"] as? Int }.filter { $0 >= 16_000 }
        #expect(long.count == 1, "\(losses)")
    }

    @Test func theSameFileIsPlayedAgainAndAMissingSourceIsReported() async throws {
        let daemon = try await Daemon(device: tone)
        let client = try daemon.client()
        try client.subscribe(to: ["utterance"])
        for _ in 0..<2 {
            let used = try await tell(daemon, "use", "file:\(Fixtures.speech[0].path)")
            #expect(used.status == 0 && used.messages.isEmpty, "\(used.testDescription)")
            while try client.next("utterance")["event"] as? String != "end" {}
            try await Task.sleep(for: .seconds(2))
        }
        let missing = try await tell(daemon, "use", "pulse:nope")
        #expect(missing.status == 0 && missing.messages.contains("pulse:nope"), "\(missing.testDescription)")
        #expect(!missing.messages.contains("OK"))
        #expect(try await tell(daemon, "mute").status == 0)
        let muted = try await tell(daemon, "use", tone)
        #expect(muted.messages.contains("opened when the microphone is unmuted"), "\(muted.testDescription)")
    }
}
