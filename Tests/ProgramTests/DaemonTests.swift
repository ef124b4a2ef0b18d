// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// Start, service and end of a daemon, seen from outside.
@Suite(.serialized) struct DaemonTests {
    @Test func aDaemonWithoutAMicrophoneServesItsClients() async throws {
        let daemon = try await Daemon()
        let client = try daemon.client()
        let hello = try client.next("hello")
        #expect(hello["proto"] as? [Int] == [1, 0])
        #expect((hello["server"] as? String)?.hasPrefix("undertone/") == true)
        #expect((hello["model"] as? [String: Any])?["labels"] as? [String] != nil)
        #expect(hello["audio_retained"] as? Bool == false)
        try client.subscribe(to: ["state"], #","snapshot":true"#)
        let snapshot = try client.next("snapshot")
        let state = try #require(snapshot["state"] as? [String: Any])
        #expect(["starting", "no_device"].contains(state["capture"] as? String))
        #expect(await daemon.terminate().status == 0)
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func aSignalEndsItWithBye(signal: Int32) async throws {
        let daemon = try await Daemon()
        let clients = try (0..<5).map { _ in try daemon.client() }
        for client in clients { try client.subscribe(to: ["estimate", "state"]) }
        let outcome = await daemon.terminate(signal)
        #expect(outcome.status == 0, "\(outcome.testDescription)")
        for client in clients { #expect(try client.next("bye")["why"] as? String != nil) }
        #expect(!FileManager.default.fileExists(atPath: daemon.socketPath))
    }

    @Test func aSecondInstanceIsRefused() async throws {
        let daemon = try await Daemon()
        let second = try await Program.undertoned.run(
            ["--device", "alsa:nobody_has_this", "--socket", daemon.socketPath])
        #expect(second.status == 11, "\(second.testDescription)")
        #expect(second.sentence.contains(daemon.socketPath))
        _ = try daemon.client().next("hello")
        #expect(await daemon.terminate().status == 0)
    }

    @Test func theSocketOfADeadDaemonIsReplaced() async throws {
        let first = try await Daemon()
        _ = await first.terminate(SIGKILL)
        #expect(FileManager.default.fileExists(atPath: first.socketPath))
        let second = try Program.undertoned.start(
            ["--device", "alsa:nobody_has_this", "--socket", first.socketPath])
        let path = first.socketPath
        #expect(try await eventually { SocketClient.isAnswered(at: path) }, "\(second.messagesSoFar)")
        second.send(SIGTERM)
        #expect(await second.outcome().status == 0)
    }

    @Test func aSocketPathThatIsAFileIsLeftAlone() async throws {
        let folder = TemporaryFolder()
        let path = try folder.write("precious", to: "undertone.sock")
        let outcome = try await Program.undertoned.run(["--device", "alsa:none", "--socket", path])
        #expect(outcome.status == 10 && outcome.sentence.contains(path), "\(outcome.testDescription)")
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "precious")
    }

    @Test func onlyTheOwnerAndTheGroupMayConnect() async throws {
        let daemon = try await Daemon()
        var status = stat()
        #expect(stat(daemon.socketPath, &status) == 0 && status.st_mode & 0o7 == 0)
        #expect(await daemon.terminate().status == 0)
    }

    @Test func theServiceManagerIsNotifiedWhenItIsReady() async throws {
        let folder = TemporaryFolder()
        let manager = try NotifySocket(in: folder)
        let daemon = try await Daemon(environment: ["NOTIFY_SOCKET": manager.path])
        #expect(try await eventually { manager.count(of: "READY=1\nSTATUS=") == 1 })
        #expect(await daemon.terminate().status == 0)
        #expect(manager.count(of: "STOPPING=1") == 1)
    }

    @Test func noCoreDumpIsEverWritten() async throws {
        let daemon = try await Daemon()
        let limits = try String(contentsOfFile: "/proc/\(daemon.running.identifier)/limits", encoding: .utf8)
        let core = try #require(limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") })
        #expect(core.split(whereSeparator: \.isWhitespace).dropFirst(4).prefix(2) == ["0", "0"])
        #expect(await daemon.terminate().status == 0)
    }

    @Test func statusReportsTheDaemonsState() async throws {
        let daemon = try await Daemon()
        let outcome = try await Program.undertone.run(["status", "--json", "--socket", daemon.socketPath])
        #expect(outcome.status == 0, "\(outcome.testDescription)")
        let status = try #require(try outcome.objects().first)
        for key in [
            "captured", "consumed", "lost", "clients", "subscriptions", "cpu_percent", "real_time_factor",
            "rss_bytes",
        ] {
            #expect(status[key] is NSNumber, "\(key) in \(status)")
        }
        let text = try await Program.undertone.run(
            ["status"],
            environment: ["UNDERTONE_SOCKET": daemon.socketPath]
        )
        #expect(text.status == 0 && text.output.contains("capture"), "\(text.testDescription)")
        #expect(await daemon.terminate().status == 0)
    }
}
