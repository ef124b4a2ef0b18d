// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

extension LiveTests {
    /// The daemon processes real speech from a real sound server, and the test checks every system call that
    /// can send or write bytes.
    @Suite struct PrivacyTests {
        private static let strace = SystemTool("/usr/bin/strace")
        /// `tools/test-privacy` runs it for ten minutes.
        private static let seconds =
            ProcessInfo.processInfo.environment["UNDERTONE_PRIVACY_SECONDS"].flatMap(Double.init) ?? 10

        @Test(.enabled(if: strace.isInstalled))
        func aVoiceLeavesTheProcessOnlyAsDocumentedMessages() async throws {
            let server = try SoundServer()
            defer { server.stop() }
            let folder = TemporaryFolder()
            let daemon = try await Daemon(
                device: "pulse:" + SoundServer.sourceName,
                environment: server.environment,
                observer: observer(writing: folder("trace"))
            )
            let speech = try SpokenTime(seconds: Self.seconds)
            let received = try await listen(to: speech, server, daemon)
            #expect(await daemon.terminate().status == 0)

            let trace = PrivacyTrace(try await finished(folder("trace")))
            let judge = PrivacyJudge(socketPath: daemon.socketPath, voice: speech.voice)
            let offences = judge.offences(in: trace)
            #expect(offences.isEmpty, "\(offences.count): \(offences.prefix(5))")
            // The trace is complete: it contains all lines that the client received.
            let lines = trace.calls.filter { $0.destination.contains(daemon.socketPath) }
                .reduce(0) { $0 + $1.bytes.count { $0 == UInt8(ascii: "\n") } }
            #expect(lines >= received.count && received.contains { $0["label"] is String }, "\(lines)")
            report(trace, lines: lines)
        }

        /// With `-D` the daemon stays our child process; the filter stops it only at the traced calls.
        private func observer(writing path: String) -> [String] {
            [
                Self.strace.path, "-D", "-f", "-yy", "-x", "-s", "70000", "--seccomp-bpf", "-o", path,
                "-e", "trace=" + PrivacyTrace.calls.joined(separator: ","),
            ]
        }

        /// Subscribes to all events and reads until the end of the speech.
        private func listen(to speech: SpokenTime, _ server: SoundServer, _ daemon: Daemon) async throws
            -> [[String: Any]]
        {
            let client = try daemon.client()
            try client.subscribe(
                to: ["estimate", "utterance", "vad", "state", "overrun", "level"],
                #","snapshot":true"#
            )
            try server.feed(speech.samples)
            let end = ContinuousClock.now + .seconds(Self.seconds + 1)
            while ContinuousClock.now < end { _ = try client.line(within: 0.5) }
            return client.received
        }

        /// The trace, after strace has written the end of the program.
        private func finished(_ path: String) async throws -> String {
            func text() throws -> String { try String(contentsOfFile: path, encoding: .utf8) }
            #expect(try await eventually { try text().contains("+++ exited with 0 +++") })
            return try text()
        }

        private func report(_ trace: PrivacyTrace, lines: Int) {
            guard Self.seconds > 60 else { return }
            let written = trace.calls.filter { ["write", "writev", "sendto", "sendmsg"].contains($0.name) }
            let bytes = written.reduce(0) { $0 + $1.bytes.count }
            print(
                "\(Int(Self.seconds)) s of speech: \(trace.calls.count) calls, \(written.count) of them with "
                    + "\(bytes) bytes, \(lines) lines to the client"
            )
        }

        @Test func noOtherProcessOfTheSameUserReadsItsMemory() async throws {
            let folder = TemporaryFolder()
            chmod(folder.path, 0o777)
            let daemon = [
                Program.undertoned.url.path, "--device", "alsa:absent", "--socket", folder("own.sock"),
            ]
            // As root, the test starts the daemon as a user without privileges.
            let words =
                (geteuid() == 0 ? ["/usr/bin/setpriv", "--reuid=65534", "--clear-groups"] : []) + daemon
            let running = try RunningProgram(
                words[0],
                Array(words.dropFirst()),
                environment: Program.cleanEnvironment
            )
            #expect(
                try await eventually { running.messagesSoFar.contains("ready") },
                "\(running.messagesSoFar)"
            )
            var status = stat()
            #expect(stat("/proc/\(running.identifier)/mem", &status) == 0)
            // The kernel makes root the owner of the files of a protected process.
            #expect(status.st_uid == 0)
            running.send(SIGTERM)
            #expect(await running.outcome().status == 0)
        }
    }
}
