// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// Commands of the owner that a running daemon can carry out only in part, and its answers.
@Suite(.serialized) struct OwnerTests {
    private let tone = "tone:440"

    private func tell(_ daemon: Daemon, _ words: String...) async throws -> Outcome {
        try await Program.undertone.run(words + ["--socket", daemon.socketPath])
    }

    @Test func theControlSocketListsTheDevices() async throws {
        let daemon = try await Daemon(device: tone)
        let client = try SocketClient(path: daemon.folder("control.sock"))
        client.send(#"{"type":"devices","id":1}"#)
        let answer = try client.next("devices")
        #expect(answer["id"] as? Int == 1 && answer["list"] is [[String: Any]], "\(answer)")
    }

    @Test func aReloadNamesWhatTakesEffectWithTheNextStart() async throws {
        let folder = TemporaryFolder()
        let file = try folder.write("device: \(tone)\n", to: "undertone.yaml")
        let daemon = try await Daemon(device: tone, options: ["--config", file])
        _ = try folder.write("ring_seconds: 9\nlog_level: notice\n", to: "undertone.yaml")
        let reloaded = try await tell(daemon, "reload")
        #expect(reloaded.status == 0, "\(reloaded.testDescription)")
        #expect(reloaded.messages.contains("takes effect with the next start: ring_seconds"))
        let again = try await tell(daemon, "set", "log_level", "debug")
        #expect(again.status == 0, "\(again.testDescription)")
        let forgotten = try await tell(daemon, "reset")
        #expect(forgotten.status == 0 && forgotten.messages.isEmpty, "\(forgotten.testDescription)")
    }

    @Test func aMicrophoneThatIsNotNeededYetIsReportedAsWaiting() async throws {
        let daemon = try await Daemon(device: tone, options: ["--capture", "subscribed"])
        let used = try await tell(daemon, "use", "tone:500")
        #expect(used.status == 0 && used.messages.contains("is opened when a client subscribes"))
        #expect(try await tell(daemon, "set", "capture", "always").status == 0)
        let text = try await tell(daemon, "status")
        #expect(text.status == 0 && text.output.contains("tone:500"), "\(text.testDescription)")
    }

    @Test func aHoldThatCannotBeWrittenIsReported() async throws {
        let daemon = try await Daemon(device: tone)
        #expect(try await tell(daemon, "mute").status == 0)
        let folder = daemon.folder("state/undertone")
        let file = try #require(try FileManager.default.contentsOfDirectory(atPath: folder).first)
        #expect(try await tell(daemon, "unmute").status == 0)
        try FileManager.default.createDirectory(
            atPath: folder + "/" + file + "~",
            withIntermediateDirectories: false
        )
        let muted = try await tell(daemon, "mute")
        #expect(muted.status == 0, "\(muted.testDescription)")
        #expect(muted.messages.contains("not saved for a restart"), "\(muted.testDescription)")
        let locked = try await tell(daemon, "mute", "--lock")
        #expect(
            locked.status == 0 && locked.messages.contains("before unmuting"),
            "\(locked.testDescription)"
        )
        let refused = try await tell(daemon, "unmute")
        #expect(refused.status == 6 && refused.sentence.contains("mute-locked"), "\(refused.testDescription)")
    }

    @Test func thePurposeAndAHangUpAreInTheLog() async throws {
        let daemon = try await Daemon(
            device: tone,
            options: ["--purpose", "a test"],
            environment: ["JOURNAL_STREAM": "8:1"]
        )
        daemon.running.send(SIGHUP)
        let running = daemon.running
        #expect(try await eventually { running.messagesSoFar.contains("reload after SIGHUP") })
        #expect(running.messagesSoFar.contains("<5>purpose: a test"), "\(running.messagesSoFar)")
        #expect(await daemon.terminate().status == 0)
    }

    @Test func manyConnectionsAreAFewLinesInTheLog() async throws {
        let daemon = try await Daemon(device: tone)
        for _ in 0..<40 { _ = try SocketClient(path: daemon.socketPath).next("hello") }
        let log = await daemon.terminate().messages
        let lines = log.split(separator: "\n").filter { $0.contains("client connected") }
        #expect((1...12).contains(lines.count), "\(lines.count)")
    }

    @Test func aHoldEndsWithTheDaemonAndItsCommandReportsThat() async throws {
        let daemon = try await Daemon(device: tone)
        let holder = try Program.undertone.start(
            ["mute", "--while-connected", "--hold", "desk", "--socket", daemon.socketPath]
        )
        for _ in 0..<200 where try await !tell(daemon, "status").output.contains("while it is connected") {
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(await daemon.terminate().status == 0)
        let outcome = await holder.outcome()
        #expect(outcome.status == 3 && outcome.sentence.contains("the hold 'desk' has ended"))
    }

    @Test(arguments: [
        ["mute", "--lock", "--hold", "x"], ["mute", "--hold", ""], ["use", "stdin"],
        ["watch", "--min-conf", "2"], ["watch", "--delta", "0.1"], ["watch", "--max-hz", "0"],
        ["selftest", "--seconds", "1"], ["watch", "--socket", ""], ["analyze"],
        ["analyze", "-", "--files-from", "-"], ["analyze", "--json", "--csv", "a.wav"],
    ])
    func contradictoryOptionsAreAUsageError(words: [String]) async throws {
        let outcome = try await Program.undertone.run(words)
        #expect(outcome.status == 2 && outcome.output.isEmpty, "\(outcome.testDescription)")
    }
}

/// `undertone listen` and `watch`, live and on a terminal.
@Suite(.serialized) struct LiveCommandTests {
    @Test(arguments: [SIGINT, SIGTERM])
    func listeningToADeviceEndsWithTheUtteranceThatIsOpen(signal: Int32) async throws {
        let running = try Program.undertone.start(["listen", "--device", "tone:300", "--json"])
        #expect(try await eventually { running.outputSoFar.contains("\"capture\":\"open\"") })
        running.send(signal)
        let outcome = await running.outcome()
        #expect(outcome.status == 130 && outcome.messages.isEmpty, "\(outcome.testDescription)")
    }

    @Test func aPersonSeesUtterancesAndStates() async throws {
        let folder = TemporaryFolder()
        let file = try folder.write(Sounds.wav(Sounds.conversation()), to: "talk.wav")
        let daemon = try await Daemon(device: "tone:440")
        let terminal = try PseudoTerminal(
            .undertone,
            ["watch", "--no-reconnect", "--socket", daemon.socketPath]
        )
        let socket = daemon.socketPath
        #expect(try await eventually { (try? self.subscriptions(socket)) ?? 0 > 0 })
        let used = try await Program.undertone.run(["use", "file:" + file, "--socket", socket])
        #expect(used.status == 0, "\(used.testDescription)")
        #expect(try await eventually(within: 60) { terminal.output.contains("angry") }, "\(terminal.output)")
        #expect(try await eventually(within: 60) { terminal.output.contains("capture: idle") })
        daemon.running.send(SIGTERM)
        #expect(try await terminal.status() == 3)
        #expect(terminal.output.contains("shutdown"), "\(terminal.output)")
    }

    private func subscriptions(_ socket: String) throws -> Int {
        let client = try SocketClient(path: socket.replacing("undertone.sock", with: "control.sock"))
        client.send(#"{"type":"status","id":1}"#)
        return try client.next("status")["subscriptions"] as? Int ?? 0
    }

    @Test func aRecordingIsShownLiveOnATerminal() async throws {
        let terminal = try PseudoTerminal(.undertone, ["listen", Sounds.speech[0]])
        #expect(try await terminal.status() == 0)
        #expect(terminal.output.contains("angry"), "\(terminal.output)")
        let table = try PseudoTerminal(.undertone, ["analyze"] + Sounds.speech, columns: 400)
        #expect(try await table.status() == 0)
        #expect(table.screen.text.contains { $0.contains("angry.opus") }, "\(table.screen.text)")
    }

    @Test func estimatesOnChangeArriveAsLines() async throws {
        let folder = TemporaryFolder()
        let file = try folder.write(Sounds.wav(Sounds.conversation()), to: "talk.wav")
        let daemon = try await Daemon(device: "tone:440")
        let watch = try Program.undertone.start(
            ["watch", "--no-reconnect", "--on", "change", "--max-hz", "4", "--min-conf", "0.1"]
                + ["--socket", daemon.socketPath]
        )
        let socket = daemon.socketPath
        let words = ["watch", "--on", "change", "--delta", "0.1", "--socket", socket]
        let refused = try await Program.undertone.run(words)
        #expect(refused.status == 6 && refused.sentence.contains("dimensions"), "\(refused.testDescription)")
        #expect(try await eventually { (try? self.subscriptions(socket)) ?? 0 > 0 })
        #expect(try await Program.undertone.run(["use", "file:" + file, "--socket", socket]).status == 0)
        #expect(try await eventually(within: 60) { watch.outputSoFar.contains("\"estimate\"") })
        #expect(await daemon.terminate().status == 0)
        #expect(await watch.outcome().status == 3)
    }
}
