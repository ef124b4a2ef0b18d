// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// `undertone wait` with a real daemon that processes real speech.
@Suite(.serialized) struct WaitTests {
    /// Exists as long as the test, since the daemon opens its file when a client subscribes.
    private let folder = TemporaryFolder()

    /// A daemon that processes the recordings one after the other, in real time, from the first subscription on.
    private func talk() async throws -> Daemon {
        let file = try folder.write(Sounds.wav(Sounds.conversation()), to: "talk.wav")
        return try await Daemon(device: "file:" + file, options: ["--capture", "subscribed"])
    }

    private func wait(_ daemon: Daemon, _ words: [String]) async throws -> Outcome {
        let patience = words.contains("--timeout") ? [] : ["--timeout", "60s"]
        return try await Program.undertone.run(["wait", "--socket", daemon.socketPath] + words + patience)
    }

    @Test func itEndsWithTheLineThatMatched() async throws {
        let daemon = try await talk()
        let outcome = try await wait(daemon, ["--label", "angry", "--min-conf", "0.7", "--for", "500ms"])
        #expect(outcome.status == 0, "\(outcome.testDescription)")
        let line = try #require(try outcome.objects().first)
        #expect(line["label"] as? String == "angry")
        #expect(try #require(line["conf"] as? Double) >= 0.7)
        #expect(outcome.outputLines.count == 1 && outcome.messages.isEmpty)
    }

    @Test func speechAndSilenceCanBeWaitedFor() async throws {
        let daemon = try await talk()
        let speech = try await wait(daemon, ["--speech"])
        #expect(speech.status == 0 && speech.output.contains(#""speech":true"#), "\(speech.testDescription)")
        let silence = try await wait(daemon, ["--silence", "--for", "300ms"])
        #expect(silence.status == 0, "\(silence.testDescription)")
    }

    @Test func aConditionThatDoesNotHoldInTimeEndsWith124() async throws {
        let daemon = try await Daemon(device: "tone:440")
        let outcome = try await wait(daemon, ["--label", "angry", "--timeout", "600ms"])
        #expect(outcome.status == 124, "\(outcome.testDescription)")
        #expect(outcome.sentence == "undertone: what was waited for did not happen within 600ms")
    }

    @Test func aStateIsFoundAtOnceAndAfterAWhile() async throws {
        let daemon = try await Daemon(device: "tone:440")
        let now = try await wait(daemon, ["--state", "open", "--timeout", "10s"])
        #expect(now.status == 0 && now.output.contains(#""capture":"open""#), "\(now.testDescription)")
        let held = try await wait(daemon, ["--state", "open", "--for", "300ms", "--timeout", "10s"])
        #expect(held.status == 0, "\(held.testDescription)")
        let never = try await wait(daemon, ["--state", "muted", "--timeout", "300ms"])
        #expect(never.status == 124, "\(never.testDescription)")
    }

    @Test func aMuteIsNoticedWhenItHappens() async throws {
        let daemon = try await Daemon(device: "tone:440")
        let waiting = try Program.undertone.start([
            "wait", "--state", "muted", "--for", "200ms", "--socket", daemon.socketPath,
        ])
        #expect(try await eventually { daemon.running.messagesSoFar.contains("pid=\(waiting.identifier)") })
        let mute = try await Program.undertone.run(["mute", "--socket", daemon.socketPath])
        #expect(mute.status == 0, "\(mute.testDescription)")
        let outcome = await waiting.outcome()
        #expect(
            outcome.status == 0 && outcome.output.contains(#""capture":"muted""#),
            "\(outcome.testDescription)"
        )
    }

    @Test func withoutADaemonItEndsWithThree() async throws {
        let outcome = try await Program.undertone.run([
            "wait", "--speech", "--socket", TemporaryFolder()("undertone.sock"),
        ])
        #expect(outcome.status == 3 && !outcome.sentence.contains("\n"), "\(outcome.testDescription)")
    }

    @Test func aDaemonThatEndsIsNoMatch() async throws {
        let daemon = try await Daemon(device: "tone:440")
        let waiting = try Program.undertone.start([
            "wait", "--label", "sad", "--socket", daemon.socketPath,
        ])
        #expect(try await eventually { daemon.running.messagesSoFar.contains("pid=\(waiting.identifier)") })
        _ = await daemon.terminate()
        let outcome = await waiting.outcome()
        #expect(outcome.status == 3 && outcome.sentence.contains("shutdown"), "\(outcome.testDescription)")
    }

    @Test(arguments: [
        ([], "Say what to wait for"), (["--label", "angy"], "did you mean angry?"),
        (["--label", "bored"], "there are neutral, happy, sad"),
        (["--state", "mutd"], "did you mean muted?"),
        (["--speech", "--for", "2"], "has no unit"), (["--speech", "--timeout", "soon"], "is no duration"),
        (["--label", "sad", "--min-conf", "7"], "from 0 to 1"),
        (["--speech", "--silence"], "exclude each other"),
    ])
    func aWrongConditionEndsWithTwo(words: [String], part: String) async throws {
        let daemon = try await Daemon(device: "tone:440")
        let outcome = try await wait(daemon, words)
        #expect(outcome.status == 2 && outcome.messages.contains(part), "\(outcome.testDescription)")
        #expect(outcome.output.isEmpty)
    }
}
