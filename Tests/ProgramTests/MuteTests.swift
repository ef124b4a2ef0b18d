// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// The microphone that a user closed stays closed until that user opens it.
@Suite(.serialized) struct MuteTests {
    private let tone = "tone:440"

    private func tell(_ daemon: Daemon, _ words: String...) async throws -> Outcome {
        try await Program.undertone.run(words + ["--socket", daemon.socketPath])
    }

    private func status(_ daemon: Daemon) async throws -> [String: Any] {
        try #require(try await tell(daemon, "status", "--json").objects().first)
    }

    private func holds(_ daemon: Daemon) async throws -> [String] {
        let list = try await status(daemon)["holds"] as? [[String: Any]] ?? []
        return list.compactMap { $0["name"] as? String }
    }

    private func reaches(_ daemon: Daemon, _ state: String) async throws -> Bool {
        for _ in 0..<100 {
            if try await status(daemon)["capture"] as? String == state { return true }
            try await Task.sleep(for: .milliseconds(50))
        }
        return false
    }

    @Test func anAssistantThatUnmutesDoesNotUndoWhatTheUserMuted() async throws {
        let daemon = try await Daemon(device: tone)
        #expect(try await tell(daemon, "mute").status == 0)
        #expect(try await tell(daemon, "mute", "--hold", "assistant").status == 0)
        #expect(try await holds(daemon) == ["user", "assistant"])
        let released = try await tell(daemon, "unmute", "--hold", "assistant")
        #expect(
            released.status == 0 && released.messages.contains("held by 'user'"),
            "\(released.testDescription)"
        )
        #expect(try await reaches(daemon, "muted"))
        let text = try await tell(daemon, "status")
        #expect(text.output.contains("held by           'user'"), "\(text.testDescription)")
        let wrong = try await tell(daemon, "unmute", "--hold", "unknown")
        #expect(wrong.status == 6 && wrong.sentence.contains("no hold 'unknown'"), "\(wrong.testDescription)")
        let unmuted = try await tell(daemon, "unmute")
        #expect(unmuted.status == 0 && unmuted.messages.isEmpty, "\(unmuted.testDescription)")
        #expect(try await reaches(daemon, "open"))
    }

    @Test func aHoldThatIsTiedToItsConnectionEndsWithIt() async throws {
        let daemon = try await Daemon(device: tone)
        let words = ["mute", "--while-connected", "--hold", "assistant", "--socket", daemon.socketPath]
        let holder = try Program.undertone.start(words)
        #expect(try await reaches(daemon, "muted"))
        // The same name, held by another client until it is released.
        #expect(try await tell(daemon, "mute", "--hold", "assistant").status == 0)
        holder.send(SIGKILL)
        _ = await holder.outcome()
        for _ in 0..<100 where try await holds(daemon).count > 1 {
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(try await holds(daemon) == ["assistant"])
        #expect(try await tell(daemon, "unmute", "--hold", "assistant").status == 0)
        #expect(try await reaches(daemon, "open"))
    }

    @Test func aMuteSurvivesACrashAndEndsWithItsUnmute() async throws {
        let daemon = try await Daemon(device: tone)
        #expect(try await tell(daemon, "mute").status == 0)
        _ = await daemon.terminate(SIGKILL)
        let second = try await daemon.successor(device: tone)
        let report = try await status(daemon)
        #expect(report["muted"] as? Bool == true && report["captured"] as? Int == 0, "\(report)")
        #expect(try await tell(daemon, "unmute").status == 0)
        #expect(try await reaches(daemon, "open"))
        second.send(SIGKILL)
        _ = await second.outcome()
        let third = try await daemon.successor(device: tone)
        #expect(try await reaches(daemon, "open"))
        third.send(SIGTERM)
        #expect(await third.outcome().status == 0)
    }

    @Test(arguments: ["damage", "folder"]) func anUnreadableFileOfHoldsKeepsTheMicrophoneClosed(
        _ fault: String
    )
        async throws
    {
        let daemon = try await Daemon(device: tone)
        #expect(try await tell(daemon, "mute").status == 0)
        _ = await daemon.terminate()
        let folder = daemon.folder("state/undertone")
        let name = try #require(try FileManager.default.contentsOfDirectory(atPath: folder).first)
        let path = folder + "/" + name
        if fault == "damage" {
            try Data().write(to: URL(filePath: path))
        } else {
            try FileManager.default.removeItem(atPath: path)
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        }
        let next = try await daemon.successor(device: tone)
        #expect(try await status(daemon)["muted"] as? Bool == true)
        #expect(next.messagesSoFar.contains("the microphone stays closed until it is unmuted"))
        #expect(try await tell(daemon, "unmute").status == 0)
        #expect(try await reaches(daemon, "open"))
        next.send(SIGTERM)
        #expect(await next.outcome().status == 0)
    }

    @Test func aLockHoldsWhileItsFolderIsGoneOrAnother() async throws {
        let daemon = try await Daemon(device: tone)
        let runtime = daemon.folder("runtime")
        try FileManager.default.createDirectory(atPath: runtime, withIntermediateDirectories: false)
        _ = await daemon.terminate()
        let words = ["--device", tone, "--socket", daemon.socketPath]
        let environment = daemon.environment.merging(["RUNTIME_DIRECTORY": runtime]) { $1 }
        let locked = try Program.undertoned.start(words, environment: environment)
        let path = daemon.socketPath
        #expect(try await eventually { SocketClient.isAnswered(at: path) })
        #expect(try await tell(daemon, "mute", "--lock").status == 0)
        #expect(try await tell(daemon, "unmute").status == 6)
        // The folder is removed and made again without the file: the owner did not remove the lock.
        try FileManager.default.moveItem(atPath: runtime, toPath: runtime + "-old")
        #expect(try await tell(daemon, "unmute").status == 6)
        try FileManager.default.createDirectory(atPath: runtime, withIntermediateDirectories: false)
        #expect(try await tell(daemon, "unmute").status == 6)
        try FileManager.default.removeItem(atPath: runtime)
        try FileManager.default.moveItem(atPath: runtime + "-old", toPath: runtime)
        try FileManager.default.removeItem(atPath: runtime + "/mute-locked")
        #expect(try await tell(daemon, "unmute").status == 0)
        #expect(try await reaches(daemon, "open"))
        locked.send(SIGTERM)
        #expect(await locked.outcome().status == 0)
    }

    @Test func clientsHoldTheMicrophoneWhereAllowedAndNeverReleaseTheOwnersHold() async throws {
        let daemon = try await Daemon(device: tone, options: ["--clients-may-mute", "true"])
        let client = try daemon.client()
        client.send(#"{"type":"mute","id":1,"hold":"user"}"#)
        _ = try client.next("ack")
        #expect(try await tell(daemon, "mute").status == 0)
        #expect(try await holds(daemon) == ["user", "user"])
        client.send(#"{"type":"unmute","id":2,"hold":"user"}"#)
        let note = try client.next("ack")["note"] as? String
        #expect(note?.contains("held by 'user'") == true)
        #expect(try await holds(daemon) == ["user"])
        #expect(try await reaches(daemon, "muted"))
        client.send(#"{"type":"mute","id":3,"hold":"lamp"}"#)
        _ = try client.next("ack")
        #expect(try await tell(daemon, "unmute").status == 0)
        #expect(try await holds(daemon) == ["lamp"])
        #expect(try await tell(daemon, "unmute", "--hold", "lamp").status == 0)
        #expect(try await reaches(daemon, "open"))
    }

    /// A model takes its time to load; the microphone is closed before that.
    @Test func aMuteOvertakesAReload() async throws {
        let daemon = try await Daemon(device: tone)
        let control = try SocketClient(path: daemon.folder("control.sock"))
        for round in 0..<10 {
            control.send(#"{"type":"reload","id":1}"# + "\n" + #"{"type":"mute","id":2}"#)
            let first = try control.next("ack"), second = try control.next("ack")
            #expect(first["id"] as? Int == 2 && second["id"] as? Int == 1, "round \(round)")
            control.send(#"{"type":"unmute","id":3}"#)
            _ = try control.next("ack")
        }
        // An unmute that waited for a reload does not undo a mute that was requested after it.
        control.send(
            #"{"type":"reload","id":1}"# + "\n" + #"{"type":"unmute","id":2}"# + "\n"
                + #"{"type":"mute","id":3}"#
        )
        for _ in 0..<3 { _ = try control.next("ack") }
        #expect(try await status(daemon)["muted"] as? Bool == true)
    }
}
