// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// `undertone doctor` with real servers, microphones and daemons, both working and faulty.
@Suite(.serialized) struct DoctorTests {
    /// The findings by their names, and the program's outcome.
    private struct Visit {
        let outcome: Outcome
        let findings: [String: [String: Any]]

        func verdict(_ check: String) -> String? { findings[check]?["verdict"] as? String }
        func seen(_ check: String) -> String { findings[check]?["seen"] as? String ?? "" }
        func remedy(_ check: String) -> String { findings[check]?["remedy"] as? String ?? "" }
    }

    private func visit(_ words: [String] = [], environment: [String: String] = [:]) async throws -> Visit {
        let outcome = try await Program.undertone.run(["doctor", "--json"] + words, environment: environment)
        let objects = try outcome.objects()
        #expect(objects.last?["type"] as? String == "result" && outcome.messages.isEmpty)
        #expect(objects.last?["exit"] as? Int == Int(outcome.status))
        let findings = objects.dropLast().map { ($0["check"] as? String ?? "", $0) }
        return Visit(outcome: outcome, findings: Dictionary(uniqueKeysWithValues: findings))
    }

    /// Two minutes: longer than a machine that runs all tests at once makes a daemon wait.
    private func tone(_ amplitude: Float) -> [Float] {
        (0..<1_920_000).map { max(-1, min(1, amplitude * sin(2 * .pi * 300 * Float($0) / 16_000))) }
    }

    @Test func aHealthyMachineWithADaemonIsFoundHealthy() async throws {
        let server = try SoundServer()
        defer { server.stop() }
        try server.feed(tone(0.2), leadSeconds: 0)
        let daemon = try await Daemon(
            device: "pulse:" + SoundServer.sourceName,
            environment: server.environment
        )
        let client = try daemon.client()
        try client.subscribe(to: ["estimate"])
        _ = try client.next("estimate")
        let visit = try await visit(["--socket", daemon.socketPath], environment: server.environment)
        for check in [
            "model", "speed", "sound_server", "devices", "microphone", "format", "level", "clock", "daemon",
            "socket",
            "capture", "health", "dumps",
        ] {
            // A machine that runs all tests at once may be too slow for a few samples, which the doctor reports.
            let isAboutSpeed = ["speed", "microphone", "clock", "health"].contains(check)
            let expected = isAboutSpeed ? ["ok", "warn"] : ["ok"]
            let verdict = visit.verdict(check) ?? "missing"
            #expect(expected.contains(verdict), "\(check): \(visit.findings[check] ?? [:])")
        }
        #expect(visit.outcome.status == 0)
        #expect(visit.seen("format").contains("16000 Hz, 1 channel"))
        #expect(visit.seen("daemon").contains("undertone-default"))
        #expect(await daemon.terminate().status == 0)
    }

    @Test func aMutedMicrophoneIsReportedAsMuted() async throws {
        let server = try SoundServer()
        defer { server.stop() }
        try server.feed([])
        let visit = try await visit(environment: server.environment)
        #expect(
            visit.verdict("level") == "fail" && visit.seen("level").contains("muted"),
            "\(visit.findings)"
        )
        #expect(visit.outcome.status == 4)
    }

    @Test func anOverdrivenMicrophoneIsReportedAsOverdriven() async throws {
        let server = try SoundServer(sampleRate: 48_000, channelCount: 2)
        defer { server.stop() }
        try server.feed(tone(4) + tone(4) + tone(4), leadSeconds: 0)
        let visit = try await visit(environment: server.environment)
        #expect(visit.verdict("level") == "fail" && visit.seen("level").contains("overdriven"))
        #expect(visit.seen("format").contains("48000 Hz, 2 channels"))
        #expect(visit.seen("format").contains("resampled to 16000 Hz, mixed to one channel"))
    }

    @Test func theWaitForAMicrophoneThatDeliversNothingEnds() async throws {
        let server = try SoundServer()
        defer { server.stop() }
        let visit = try await visit(environment: server.environment)
        #expect(visit.verdict("sound_server") == "ok")
        #expect(visit.verdict("microphone") == "fail", "\(visit.findings)")
        #expect(visit.seen("microphone").contains("delivered no sample"), "\(visit.findings)")
        #expect(visit.outcome.status == 4)
    }

    @Test func aFrozenServerIsRecognised() async throws {
        let server = try SoundServer()
        defer { server.stop() }
        server.signal(SIGSTOP)
        let visit = try await visit(["--device", "pulse"], environment: server.environment)
        #expect(visit.verdict("sound_server") == "fail", "\(visit.findings)")
        #expect(visit.seen("sound_server").contains("stopped or hangs"))
        #expect(visit.verdict("microphone") == "fail" && visit.outcome.status == 4)
    }

    @Test func withoutAServerTheReasonIsReported() async throws {
        let folder = TemporaryFolder()
        let nowhere = [
            "XDG_RUNTIME_DIR": folder.path, "PULSE_RUNTIME_PATH": folder("pulse"), "HOME": folder.path,
        ]
        let visit = try await visit(environment: nowhere)
        #expect(visit.verdict("sound_server") == "warn")
        #expect(visit.seen("sound_server").contains("No such file"))
        #expect(visit.remedy("sound_server").contains("start PipeWire or PulseAudio"))
        #expect(visit.verdict("daemon") == "warn" && visit.verdict("socket") == "skipped")
    }

    @Test func aDamagedModelIsFound() async throws {
        let folder = TemporaryFolder()
        let source = Program.undertone.url.deletingLastPathComponent()
            .appending(path: "undertone_ModelBundle.resources/default")
        try FileManager.default.copyItem(atPath: source.path, toPath: folder("model"))
        let weights = folder("model/model.safetensors")
        var bytes = try Data(contentsOf: URL(filePath: weights))
        bytes[bytes.count - 9] ^= 1
        try bytes.write(to: URL(filePath: weights))
        let visit = try await visit(["--model", folder("model"), "--device", "tone"])
        #expect(visit.verdict("model") == "fail" && visit.verdict("speed") == "skipped", "\(visit.findings)")
        #expect(visit.outcome.status == 5)
    }

    @Test func aSocketThatAnyUserMayOpenIsAFailure() async throws {
        let daemon = try await Daemon(device: "tone:440")
        chmod(daemon.socketPath, 0o666)
        let visit = try await visit(["--socket", daemon.socketPath, "--device", "tone"])
        #expect(visit.verdict("socket") == "fail" && visit.seen("socket").contains("any user may connect"))
        #expect(visit.outcome.status == 8, "\(visit.findings)")
        #expect(await daemon.terminate().status == 0)
    }

    @Test func aDaemonWithoutItsMicrophoneIsAFailure() async throws {
        let daemon = try await Daemon()
        let visit = try await visit(["--socket", daemon.socketPath, "--device", "tone"])
        #expect(visit.verdict("capture") == "fail" && visit.seen("capture").contains("no_device"))
        #expect(visit.outcome.status == 4, "\(visit.findings)")
        #expect(await daemon.terminate().status == 0)
    }

    @Test func aMutedDaemonKeepsTheMicrophoneClosed() async throws {
        let server = try SoundServer()
        defer { server.stop() }
        let daemon = try await Daemon(device: "tone:440", environment: server.environment)
        let mute = try await Program.undertone.run(["mute", "--socket", daemon.socketPath])
        #expect(mute.status == 0, "\(mute.testDescription)")
        let visit = try await visit(["--socket", daemon.socketPath], environment: server.environment)
        #expect(visit.verdict("microphone") == "skipped" && visit.verdict("level") == "skipped")
        #expect(visit.verdict("capture") == "warn" && visit.outcome.status == 0, "\(visit.findings)")
        #expect(await daemon.terminate().status == 0)
    }

    @Test func theWaitForADaemonThatHangsEnds() async throws {
        let daemon = try await Daemon(device: "tone:440")
        daemon.running.send(SIGSTOP)
        let visit = try await visit(["--socket", daemon.socketPath, "--device", "tone"])
        daemon.running.send(SIGCONT)
        #expect(visit.verdict("daemon") == "fail" && visit.outcome.status == 3, "\(visit.findings)")
        #expect(await daemon.terminate().status == 0)
    }

    @Test func theTableForPeopleHasTheSameFindings() async throws {
        let outcome = try await Program.undertone.run(["doctor", "--device", "tone"])
        #expect(outcome.status == 0, "\(outcome.testDescription)")
        #expect(outcome.output.contains("ok      model") && outcome.output.contains(" fail, "))
        #expect(!outcome.output.contains("\u{1B}"))
    }
}
