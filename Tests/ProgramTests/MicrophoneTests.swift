// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// One sound server at a time: these tests run in real time, and the machine runs other tests too.
@Suite(.serialized, .enabled(if: SoundServer.isInstalled)) struct LiveTests {}

extension LiveTests {
    /// The programs with a microphone of a real sound server.
    @Suite struct MicrophoneTests {
        @Test func devicesAreListedByTheNamesThatOpenThem() async throws {
            let server = try SoundServer()
            defer { server.stop() }
            let json = try await Program.undertone.run(
                ["devices", "--json"],
                environment: server.environment
            )
            #expect(json.status == 0, "\(json.testDescription)")
            #expect(try json.objects().allSatisfy { $0["type"] as? String == "device" })
            let names = try json.objects().compactMap { $0["id"] as? String }
            #expect(names.contains("pulse:" + SoundServer.sourceName), "\(names)")
            #expect(names.allSatisfy { $0.hasPrefix("pulse:") || $0.hasPrefix("alsa:") }, "\(names)")
            let text = try await Program.undertone.run(["devices"], environment: server.environment)
            #expect(text.outputLines.count == names.count)
            #expect(text.outputLines.contains { $0.hasPrefix("* pulse:" + SoundServer.sourceName) })
        }

        @Test func watchFollowsTheDaemonToItsEnd() async throws {
            let server = try SoundServer()
            defer { server.stop() }
            let daemon = try await Daemon(
                device: "pulse:" + SoundServer.sourceName,
                environment: server.environment
            )
            try server.feed([Float](repeating: 0, count: 16_000))
            let place = ["--socket", daemon.socketPath]
            let all = try Program.undertone.start(["watch", "--no-reconnect"] + place)
            let thinned = try Program.undertone.start(
                ["watch", "--no-reconnect", "--on", "hop", "--max-hz", "1", "--json"] + place
            )
            let seen = try await eventually { thinned.outputSoFar.components(separatedBy: "\n").count > 3 }
            #expect(seen, "\(thinned.outputSoFar)")
            _ = await daemon.terminate()
            for watch in [all, thinned] {
                let outcome = await watch.outcome()
                #expect(
                    outcome.status == 3 && outcome.sentence.contains("shutdown"),
                    "\(outcome.testDescription)"
                )
                #expect(try outcome.objects().last?["type"] as? String == "bye")
            }
            let ends = try await thinned.outcome().objects().compactMap { ($0["span"] as? [Double])?[1] }
            for (one, next) in zip(ends, ends.dropFirst()) { #expect(next - one >= 0.999) }
        }

        @Test func lossesOfAStoppedDaemonAreReported() async throws {
            let server = try SoundServer()
            defer { server.stop() }
            let daemon = try await Daemon(
                device: "pulse:" + SoundServer.sourceName,
                options: ["--ring-seconds", "0.5"],
                environment: server.environment
            )
            let client = try daemon.client()
            try client.subscribe(to: ["overrun", "estimate"])
            try server.feed([Float](repeating: 0, count: 16_000))
            _ = try client.next("estimate")
            daemon.running.send(SIGSTOP)
            try await Task.sleep(for: .seconds(3))
            daemon.running.send(SIGCONT)
            _ = try client.next("estimate")
            server.stopFeeding()
            let accounts = try await settled(daemon, client)
            #expect(accounts.captured == accounts.consumed + accounts.reported, "\(accounts)")
            #expect(await daemon.terminate().status == 0)
        }

        struct Accounts {
            let captured: Int
            let consumed: Int
            let reported: Int
        }

        /// Samples captured, consumed and reported as lost in the ring, once the counters no longer change.
        private func settled(_ daemon: Daemon, _ client: SocketClient) async throws -> Accounts {
            var last: Accounts?
            while true {
                while try client.line(within: 0.7) != nil {}
                let status = try await Program.undertone.run([
                    "status", "--json", "--socket", daemon.socketPath,
                ])
                let report = try #require(try status.objects().first)
                let losses = client.received.filter { $0["exact"] as? Bool == true }
                let accounts = Accounts(
                    captured: try #require(report["captured"] as? Int),
                    consumed: try #require(report["consumed"] as? Int),
                    reported: losses.compactMap { $0["samples"] as? Int }.reduce(0, +)
                )
                if accounts.captured == last?.captured, accounts.consumed == last?.consumed {
                    return accounts
                }
                last = accounts
            }
        }
    }
}
