// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// `undertone watch` over restarts of a real daemon, with hooks, and by the hour.
@Suite(.serialized) struct WatchTests {
    @Test func itConnectsAgainAndSaysSo() async throws {
        let daemon = try await Daemon(device: "tone:440")
        let watch = try Program.undertone.start(["watch", "--json", "--socket", daemon.socketPath])
        #expect(try await eventually(within: 60) { watch.outputSoFar.contains(#""type":"estimate""#) })
        daemon.running.send(SIGKILL)
        _ = await daemon.running.outcome()
        #expect(try await eventually(within: 60) { watch.messagesSoFar.contains("connecting again") })
        let next = try await daemon.successor(device: "tone:440")
        let heard = try await eventually(within: 60) {
            let after = watch.outputSoFar.components(separatedBy: #""type":"hello""#)
            return after.count == 2 && after[1].contains(#""type":"estimate""#)
        }
        #expect(heard, "\(watch.messagesSoFar)")
        #expect(watch.messagesSoFar.contains("connected again"))
        next.send(SIGTERM)
        _ = await next.outcome()
        #expect(watch.isRunning)
    }

    private func hook(_ daemon: Daemon, _ options: [String], _ command: [String]) throws -> RunningProgram {
        try Program.undertone.start(
            ["watch", "--on", "hop", "--socket", daemon.socketPath] + options + ["--exec"] + command
        )
    }

    @Test func aHookGetsTheEventOnItsStandardInput() async throws {
        let daemon = try await Daemon(device: "tone:440")
        let watch = try hook(daemon, [], ["cat"])
        #expect(try await eventually(within: 60) { watch.outputSoFar.contains("\n") })
        watch.send(SIGTERM)
        let outcome = await watch.outcome()
        #expect(outcome.status == 130, "\(outcome.testDescription)")
        #expect(try object(try #require(outcome.outputLines.first))["type"] as? String == "estimate")
    }

    @Test func wordsAreNoShellUnlessAsked() async throws {
        let daemon = try await Daemon(device: "tone:440")
        let plain = try hook(daemon, [], ["echo", "$((6*7))"])
        let shell = try hook(daemon, ["--shell"], ["echo $((6*7))"])
        #expect(try await eventually(within: 60) { plain.outputSoFar.contains("$((6*7))") })
        #expect(try await eventually(within: 60) { shell.outputSoFar.contains("42") })
    }

    @Test func aHookThatHangsIsEndedAndDelaysNothing() async throws {
        let daemon = try await Daemon(device: "tone:440")
        let watch = try hook(daemon, ["--time-limit", "1s"], ["sleep", "600"])
        #expect(try await eventually(within: 60) { watch.messagesSoFar.contains("--time-limit") })
        #expect(try await eventually(within: 60) { watch.messagesSoFar.contains("skipped") })
        #expect(watch.isRunning)
    }

    @Test func aHookThatFailsIsReported() async throws {
        let daemon = try await Daemon(device: "tone:440")
        let watch = try hook(daemon, [], ["false"])
        #expect(try await eventually(within: 60) { watch.messagesSoFar.contains("ended with status 1") })
        #expect(watch.isRunning)
    }

    @Test(arguments: [
        ["--exec", "/nonexistent/hook"], ["--exec", "no-such-program-here"], ["--parallel", "2"],
        ["--parallel", "0", "--exec", "true"], ["--time-limit", "5", "--exec", "true"],
        ["--rate", "0", "--exec", "true"], ["--summary", "1"], ["--summary", "1h", "--exec", "true"],
    ])
    func aWrongHookEndsWithTwo(words: [String]) async throws {
        let daemon = try await Daemon(device: "tone:440")
        let outcome = try await Program.undertone.run(["watch", "--socket", daemon.socketPath] + words)
        #expect(outcome.status == 2 && outcome.output.isEmpty, "\(outcome.testDescription)")
    }

    @Test func aSummaryComesOnceAPeriodAndAtTheEnd() async throws {
        let daemon = try await Daemon(device: "tone:440")
        let watch = try Program.undertone.start(
            ["watch", "--summary", "1s", "--json", "--socket", daemon.socketPath]
        )
        let isThere = try await eventually(within: 60) {
            watch.outputSoFar.components(separatedBy: "\n").count > 2
        }
        #expect(isThere)
        watch.send(SIGINT)
        let outcome = await watch.outcome()
        #expect(outcome.status == 130, "\(outcome.testDescription)")
        for line in try outcome.objects() { #expect(line["type"] as? String == "summary") }
        #expect(try #require(try outcome.objects().first?["open_s"] as? Double) > 0)
    }
}
