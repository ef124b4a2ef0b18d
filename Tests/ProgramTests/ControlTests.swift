// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// Commands that the owner gives to a running daemon.
@Suite(.serialized) struct ControlTests {
    /// A microphone without hardware.
    private let tone = "tone:440"

    private func tell(_ daemon: Daemon, _ words: String...) async throws -> Outcome {
        try await Program.undertone.run(words + ["--socket", daemon.socketPath])
    }

    private func status(_ daemon: Daemon) async throws -> [String: Any] {
        try #require(try await tell(daemon, "status", "--json").objects().first)
    }

    /// Waits until capture is in `state`.
    private func reaches(_ daemon: Daemon, _ state: String) async throws -> Bool {
        for _ in 0..<100 {
            if try await status(daemon)["capture"] as? String == state { return true }
            try await Task.sleep(for: .milliseconds(50))
        }
        return false
    }

    @Test func muteClosesTheMicrophoneAndAccountsForEverySample() async throws {
        let daemon = try await Daemon(device: tone)
        let client = try daemon.client()
        try client.subscribe(to: ["state", "overrun"])
        #expect(try await reaches(daemon, "open"))
        for _ in 0..<5 {
            #expect(try await tell(daemon, "mute").status == 0)
            #expect(try await reaches(daemon, "muted"))
            let report = try await status(daemon)
            let numbers = ["captured", "consumed", "lost", "waiting"].map { report[$0] as? Int ?? -1 }
            #expect(numbers[0] == numbers[1] + numbers[2] && numbers[3] == 0, "\(report)")
            #expect(try await tell(daemon, "unmute").status == 0)
            #expect(try await reaches(daemon, "open"))
        }
        let lost = try #require(try await status(daemon)["lost"] as? Int)
        while try client.line(within: 0.5) != nil {}
        let told = client.received.filter { $0["exact"] as? Bool == true }
        #expect(told.compactMap { $0["samples"] as? Int }.reduce(0, +) == lost)
        #expect(client.received.contains { $0["muted"] as? Bool == true })
    }

    @Test func aLockedMuteSurvivesACrashAndNoProgramUndoesIt() async throws {
        let daemon = try await Daemon(device: tone)
        let locked = try await tell(daemon, "mute", "--lock")
        let file = daemon.folder("mute-locked")
        #expect(locked.status == 0 && locked.messages.contains(file), "\(locked.testDescription)")
        let refused = try await tell(daemon, "unmute")
        #expect(refused.status == 6 && refused.sentence.contains(file), "\(refused.testDescription)")
        _ = await daemon.terminate(SIGKILL)

        let next = try await daemon.successor(device: tone)
        #expect(try await reaches(daemon, "muted"))
        let report = try await status(daemon)
        #expect(report["locked"] as? Bool == true && report["captured"] as? Int == 0, "\(report)")
        #expect(try await tell(daemon, "unmute").status == 6)
        try FileManager.default.removeItem(atPath: file)
        #expect(try await tell(daemon, "unmute").status == 0)
        #expect(try await reaches(daemon, "open"))
        next.send(SIGTERM)
        #expect(await next.outcome().status == 0)
    }

    @Test func theMicrophoneIsOpenOnlyWhileAClientIsSubscribed() async throws {
        let daemon = try await Daemon(device: tone, options: ["--capture", "subscribed"])
        #expect(try await reaches(daemon, "idle"))
        #expect(try await status(daemon)["captured"] as? Int == 0)
        do {
            let client = try daemon.client()
            try client.subscribe(to: ["estimate"])
            _ = try client.next("estimate")
        }
        #expect(try await reaches(daemon, "idle"))
        let before = try await status(daemon)["captured"] as? Int
        try await Task.sleep(for: .milliseconds(300))
        #expect(try await status(daemon)["captured"] as? Int == before)
    }

    @Test func anotherMicrophoneIsUsedAndAWrongNameChangesNothing() async throws {
        let daemon = try await Daemon(device: tone)
        let client = try daemon.client()
        try client.subscribe(to: ["state"])
        #expect(try await tell(daemon, "use", "tone:300").status == 0)
        #expect(try await reaches(daemon, "open"))
        #expect(try await status(daemon)["device"] as? String == "tone:300")
        let wrong = try await tell(daemon, "use", "toner")
        #expect(
            wrong.status == 6 && wrong.sentence.contains("'toner' is not a source"),
            "\(wrong.testDescription)"
        )
        #expect(try await status(daemon)["device"] as? String == "tone:300")
        let missing = try await tell(daemon, "use", "alsa:nobody_has_this")
        #expect(
            missing.status == 0 && missing.messages.contains("is not available yet"),
            "\(missing.testDescription)"
        )
        #expect(try await reaches(daemon, "no_device"))
        #expect(try await tell(daemon, "use", tone).status == 0)
        #expect(try await reaches(daemon, "open"))
    }

    /// The daemon keeps capturing after a file that ends or is missing.
    @Test func afterAFileHasEndedAnotherMicrophoneIsUsed() async throws {
        let daemon = try await Daemon(device: tone)
        let client = try daemon.client()
        try client.subscribe(to: ["state", "utterance"])
        let control = try SocketClient(path: daemon.folder("control.sock"))
        control.send(#"{"type":"use_device","id":1,"device":"file:/nonexistent.wav"}"#)
        #expect((try control.next("error")["message"] as? String)?.contains("/nonexistent.wav") == true)
        #expect(try await reaches(daemon, "open"))
        for _ in 0..<2 {
            #expect(try await tell(daemon, "use", "file:\(Fixtures.speech[0].path)").status == 0)
            while try client.next("utterance")["event"] as? String != "end" {}
            #expect(try await reaches(daemon, "idle"))
            #expect(try await tell(daemon, "mute").status == 0)
            #expect(try await reaches(daemon, "muted"))
            #expect(try await tell(daemon, "unmute").status == 0)
            #expect(try await reaches(daemon, "idle"))
            #expect(try await tell(daemon, "use", tone).status == 0)
            #expect(try await reaches(daemon, "open"))
        }
        #expect(await daemon.terminate().status == 0)
    }

    /// Reading the settings takes a moment; a request that arrives meanwhile must not undo an earlier one.
    @Test func concurrentRequestsAreCarriedOutOneAfterTheOther() async throws {
        let daemon = try await Daemon(device: tone)
        let control = try SocketClient(path: daemon.folder("control.sock"))
        let other = try SocketClient(path: daemon.folder("control.sock"))
        for round in 0..<10 {
            let name = "tone:\(300 + round)"
            control.send(
                #"{"type":"use_device","id":1,"device":"\#(name)"}"# + "\n"
                    + #"{"type":"set","id":2,"settings":{"log_level":"debug"}}"#
            )
            other.send(#"{"type":"set","id":3,"settings":{"estimates.interval_ms":"\#(500 + round)"}}"#)
            _ = (try control.next("ack"), try control.next("ack"), try other.next("ack"))
            #expect(try await reaches(daemon, "open"))
            #expect(try await status(daemon)["device"] as? String == name)
            control.send(#"{"type":"unmute"}"# + "\n" + #"{"type":"mute"}"#)
            _ = (try control.next("ack"), try control.next("ack"))
            #expect(try await status(daemon)["muted"] as? Bool == true)
            control.send(#"{"type":"unmute"}"#)
            _ = try control.next("ack")
        }
    }

    @Test func aFilePathIsRelativeToTheCallersFolder() async throws {
        let daemon = try await Daemon(device: tone)
        let file = try daemon.folder.write(Sounds.wav(Sounds.silence(seconds: 60)), to: "sil ence%.wav")
        let program = Program.undertone.url.path
        let words = [
            "-c", "cd \"$1\" && exec \"$2\" use \"file:$3\" --socket \"$4\"", "sh", daemon.folder.path,
        ]
        func use(_ name: String) async throws -> Outcome {
            let all = words + [program, name, daemon.socketPath]
            return try await RunningProgram("/bin/sh", all, environment: Program.cleanEnvironment).outcome()
        }
        let used = try await use("sil ence%.wav")
        #expect(used.status == 0, "\(used.testDescription)")
        #expect(try await status(daemon)["device"] as? String == "file:" + file)
        for (name, word) in [("nowhere.wav", "No such file"), (".", "is a folder")] {
            let outcome = try await use(name)
            #expect(outcome.status == 9 && outcome.sentence.contains(word), "\(outcome.testDescription)")
            #expect(!outcome.sentence.contains("\n"))
        }
        #expect(try await status(daemon)["device"] as? String == "file:" + file)
    }

    @Test func anErrorIsShownOnlyWhileItMatters() async throws {
        let daemon = try await Daemon()
        #expect(try await reaches(daemon, "no_device"))
        let trouble = try await tell(daemon, "status")
        #expect(trouble.outputLines.first?.contains("no such device") == true, "\(trouble.testDescription)")
        #expect(trouble.output.contains("1 client, 0 subscriptions\n"))
        #expect(try await tell(daemon, "mute").status == 0)
        #expect(try await reaches(daemon, "muted"))
        let muted = try await tell(daemon, "status")
        #expect(muted.outputLines.first?.contains("no such device") == false, "\(muted.testDescription)")
    }

    @Test func aSettingChangesAtOnceAndEachClientReceivesTheNewValue() async throws {
        let daemon = try await Daemon(device: tone)
        let client = try daemon.client()
        try client.subscribe(to: ["estimate"])
        _ = try client.next("estimate")
        #expect(try await tell(daemon, "set", "estimates.interval_ms", "500").status == 0)
        var hello: [String: Any]
        repeat { hello = try client.next("hello") } while hello["sub"] == nil
        #expect((hello["model"] as? [String: Any])?["hop_ms"] as? Int == 500)
        let spans = try (0..<3).map { _ in try #require(try client.next("estimate")["span"] as? [Double]) }
        for (one, next) in zip(spans, spans.dropFirst()) { #expect(abs(next[1] - one[1] - 0.5) < 0.011) }
        for (key, value, word) in [
            ("estimates.interval", "5", "did you mean estimates.interval_ms?"),
            ("estimates.interval_ms", "0", "must be a whole number from 50"),
            ("estimates.interval_ms", "-5", "estimates.interval_ms is -5, but must be"),
            ("estimates.window_ms", "-1", "must be 0 or a whole number from 400 to 60000"),
            ("estimates.window_ms", "100", "must be 0 or a whole number from 400 to 60000"),
            ("estimates.window_ms", "399", "must be 0 or a whole number from 400 to 60000"),
            ("voice_baseline", "maybe", "voice_baseline is maybe, but must be one of on, off"),
            ("log_level", "verbose", "refused: log_level is verbose, but must be one of"),
            ("log_level", "", "refused: log_level is '', but must be one of"),
            ("clients.max", "5", "cannot be changed while the daemon runs"),
        ] {
            let outcome = try await tell(daemon, "set", key, value)
            #expect(outcome.status == 6 && outcome.sentence.contains(word), "\(outcome.testDescription)")
        }
    }

    @Test func windowAndVoiceBaselineAreSetWhileTheDaemonRuns() async throws {
        let daemon = try await Daemon(device: tone)
        for (key, value) in [
            ("estimates.window_ms", "0"), ("estimates.window_ms", "400"), ("estimates.window_ms", "1500"),
            ("voice_baseline", "off"),
            ("voice_baseline", "on"),
        ] {
            let outcome = try await tell(daemon, "set", key, value)
            #expect(outcome.status == 0, "\(outcome.testDescription)")
        }
    }

    /// Lets the daemon process a recording and returns how many utterances it found.
    private func utterances(_ daemon: Daemon, _ client: SocketClient) async throws -> Int {
        let before = client.received.count
        #expect(try await tell(daemon, "use", "file:\(Fixtures.speech[0].path)").status == 0)
        #expect(try await reaches(daemon, "idle"))
        #expect(try await tell(daemon, "use", tone).status == 0)
        #expect(try await reaches(daemon, "open"))
        while try client.line(within: 0.5) != nil {}
        return client.received[before...].count { $0["event"] as? String == "end" }
    }

    @Test func speechThatIsTooQuietOrShortIsIgnoredFromTheNextSampleOn() async throws {
        let daemon = try await Daemon(device: tone)
        let client = try daemon.client()
        try client.subscribe(to: ["utterance"])
        #expect(try await utterances(daemon, client) > 0)
        for (key, value, free) in [
            ("speech.minimum_level_db", "-1", "-120"), ("speech.minimum_ms", "9000", "120"),
        ] {
            #expect(try await tell(daemon, "set", key, value).status == 0)
            #expect(try await utterances(daemon, client) == 0, "\(key)")
            #expect(try await tell(daemon, "set", key, free).status == 0)
        }
        #expect(try await tell(daemon, "set", "speech.threshold", "0.5").status == 0)
        #expect(try await tell(daemon, "set", "estimates.longest_utterance_s", "1").status == 0)
        #expect(try await utterances(daemon, client) > 1)
        for (key, value, word) in [
            ("speech.threshold", "1.5", "speech.threshold is 1.5, but must be a number from 0.05 to 0.95"),
            ("speech.minimum_level_db", "3", "must be a number from -120.0 to 0.0"),
            ("speech.minimum_ms", "-1", "must be a whole number from 0 to 10000"),
            ("speech.minimum", "1", "did you mean speech.minimum_ms?"),
            ("estimates.longest_utterance_s", "0", "must be a number from 1.0 to 3600.0"),
        ] {
            let outcome = try await tell(daemon, "set", key, value)
            #expect(outcome.status == 6 && outcome.sentence.contains(word), "\(outcome.testDescription)")
        }
    }

    @Test func aReloadKeepsTheClientsAndTheOldModelIfTheNewOneIsBad() async throws {
        let folder = TemporaryFolder()
        let model = folder("model")
        let shipped = Fixtures.root.appending(path: "Sources/ModelBundle/Resources/default").path
        try FileManager.default.copyItem(atPath: shipped, toPath: model)
        let daemon = try await Daemon(device: tone, options: ["--model", model])
        let client = try daemon.client()
        try client.subscribe(to: ["estimate"])
        _ = try client.next("estimate")
        let old = try #require(try await status(daemon)["model"] as? String)

        let configuration = try String(contentsOfFile: model + "/config.json", encoding: .utf8)
        try Data("{".utf8).write(to: URL(filePath: model + "/config.json"))
        let refused = try await tell(daemon, "reload")
        #expect(refused.status == 6, "\(refused.testDescription)")
        #expect(try await status(daemon)["model"] as? String == old)

        let renamed = configuration.replacing("\"\(old)\"", with: "\"another\"")
        try Data(renamed.utf8).write(to: URL(filePath: model + "/config.json"))
        #expect(try await tell(daemon, "reload").status == 0)
        var hello: [String: Any]
        repeat { hello = try client.next("hello") } while hello["sub"] == nil
        let sequence = try (0..<2).map { _ in try #require(try client.next("estimate")["seq"] as? Int) }
        #expect(sequence[1] == sequence[0] + 1)
        let numbers = client.received.compactMap { $0["n"] as? Int }
        #expect(numbers == Array(1...numbers.count))
        #expect((hello["model"] as? [String: Any])?["id"] as? String == "another")
    }

    @Test func theServiceManagerIsNotifiedOfAReload() async throws {
        let manager = try NotifySocket(in: TemporaryFolder())
        let daemon = try await Daemon(device: tone, environment: ["NOTIFY_SOCKET": manager.path])
        #expect(try await eventually { manager.count(of: "READY=1") == 1 })
        daemon.running.send(SIGHUP)
        #expect(try await eventually { manager.count(of: "READY=1") == 2 })
        let messages = manager.received()
        let reloading = try #require(messages.firstIndex { $0.hasPrefix("RELOADING=1\nMONOTONIC_USEC=") })
        #expect(messages[reloading...].contains { $0.hasPrefix("READY=1") })
        #expect(await daemon.terminate().status == 0)
    }

    @Test(arguments: ["tone:440", "alsa:nobody_has_this"])
    func theWatchdogIsFedWithAndWithoutAudio(device: String) async throws {
        let manager = try NotifySocket(in: TemporaryFolder())
        let daemon = try await Daemon(
            device: device,
            environment: ["NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "800000"]
        )
        #expect(try await eventually { manager.count(of: "WATCHDOG=1") > 5 })
        _ = try await tell(daemon, "mute")
        let fed = manager.count(of: "WATCHDOG=1")
        #expect(try await eventually { manager.count(of: "WATCHDOG=1") > fed + 3 })
        #expect(await daemon.terminate().status == 0)
    }

    @Test func theListOfClientsNamesThem() async throws {
        let daemon = try await Daemon(device: tone)
        let client = try daemon.client()
        try client.subscribe(to: ["state"], #","name":"lamp \"1\"""#)
        let list = try await tell(daemon, "clients", "--json").objects()
        let lamp = try #require(list.first { $0["name"] as? String == "lamp \"1\"" })
        #expect(lamp["type"] as? String == "client")
        #expect(lamp["pid"] as? Int == Int(getpid()) && lamp["uid"] as? Int == Int(getuid()))
        #expect(lamp["socket"] as? String == "events" && lamp["subscriptions"] as? Int == 1)
        let text = try await tell(daemon, "clients")
        #expect(text.status == 0 && text.output.contains("lamp \"1\""), "\(text.testDescription)")
    }

    @Test func theEventsSocketTakesNoCommands() async throws {
        let daemon = try await Daemon(device: tone)
        let client = try daemon.client()
        client.send(#"{"type":"mute","id":1}"#)
        #expect(try client.next("error")["hint"] as? String == "'mute' belongs to the control socket")
    }
}
