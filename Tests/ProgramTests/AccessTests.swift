// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// Answers to users who have no access.
@Suite(.enabled(if: canBeOtherUser)) struct AccessTests {
    /// Runs a copy of the program, which all users may read, as another user.
    private func runAsOtherUser(_ daemon: Daemon, _ words: String...) async throws -> Outcome {
        let program = daemon.folder("undertone")
        if !FileManager.default.fileExists(atPath: program) {
            // A link where that is possible: a copy that is still open for writing in a process that another test has
            // just forked cannot be executed.
            do {
                try FileManager.default.linkItem(atPath: Program.undertone.url.path, toPath: program)
            } catch {
                try FileManager.default.copyItem(atPath: Program.undertone.url.path, toPath: program)
            }
        }
        return try await RunningProgram(
            "/usr/bin/setpriv",
            otherUser + [program] + words + ["--socket", daemon.socketPath],
            environment: Program.cleanEnvironment
        ).outcome()
    }

    @Test func aUserWithoutAccessGetsStatusEight() async throws {
        let daemon = try await Daemon(device: "tone:440")
        chmod(daemon.folder.path, 0o755)
        let closed = try await runAsOtherUser(daemon, "status")
        #expect(
            closed.status == 8 && closed.sentence.contains("only root may connect"),
            "\(closed.testDescription)"
        )
        chmod(daemon.folder("control.sock"), 0o666)
        let refused = try await runAsOtherUser(daemon, "status")
        #expect(
            refused.status == 8 && refused.sentence.contains("only the owner"),
            "\(refused.testDescription)"
        )
    }

    @Test func theDoctorReportsADeniedDaemonAsDeniedAndNotAsAbsent() async throws {
        let daemon = try await Daemon(device: "tone:440")
        chmod(daemon.folder.path, 0o755)
        let visit = try await runAsOtherUser(
            daemon,
            "doctor",
            "--json",
            "--device",
            "tone",
            "--model",
            "/nonexistent"
        )
        let rows = try visit.objects()
        func row(_ check: String) -> [String: Any] { rows.first { $0["check"] as? String == check } ?? [:] }
        #expect(row("daemon")["seen"] as? String == "permission denied", "\(rows)")
        #expect((row("daemon")["remedy"] as? String)?.contains("only root may connect") == true)
        #expect((row("socket")["seen"] as? String)?.hasPrefix("mode 0600") == true)
        for check in ["capture", "health", "dumps"] {
            #expect(row(check)["seen"] as? String == "this user may not connect", "\(check)")
        }
    }
}

/// Options with which setpriv runs a program as a user without rights.
private let otherUser = ["--reuid", "65534", "--regid", "65534", "--clear-groups"]

/// Only root can run programs as another user, and only if that user may read the program's libraries.
private let canBeOtherUser: Bool = {
    guard getuid() == 0 else { return false }
    let folder = TemporaryFolder()
    chmod(folder.path, 0o755)
    let program = folder("undertone")
    let test = Process()
    test.executableURL = URL(filePath: "/usr/bin/setpriv")
    test.arguments = otherUser + [program, "--version"]
    (test.standardOutput, test.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
    do {
        try FileManager.default.copyItem(atPath: Program.undertone.url.path, toPath: program)
        try test.run()
    } catch {
        return false
    }
    test.waitUntilExit()
    return test.terminationStatus == 0
}()
