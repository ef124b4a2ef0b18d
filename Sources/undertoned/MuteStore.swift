// SPDX-License-Identifier: Apache-2.0
import EventSocket
import Foundation
import Glibc
import Synchronization

/// The file that preserves holds on the microphone across crashes, restarts and updates of the daemon.
///
/// A separate thread writes it, so that a slow disk delays no response. If it cannot be read, the microphone stays
/// closed until the owner releases the hold that replaces its contents.
final class MuteStore: Sendable {
    /// Largest file that is read, in bytes.
    private static let largest = 1 << 16

    /// One hold, as stored in the file.
    private struct Entry: Codable {
        let name: String
        let uid: UInt32
        let isEventsClient: Bool
        let since: Int64
    }

    private struct State {
        var holds: [MuteHold] = []
        var wanted: UInt64 = 0
        var written: UInt64 = 0
        var problem: String?
        var isWriting = false
    }

    let path: String
    private let state = Mutex(State())

    /// The file of the daemon whose events socket is at `socketPath`: in the state folder of the service manager, else
    /// in the user's, else next to the socket.
    init(socketPath: String, standardPath: String, environment: [String: String]) {
        let name = socketPath == standardPath ? "mute.json" : "mute-\(Self.digest(socketPath)).json"
        let folder = Self.folders(environment).first(where: Self.isUsable)
        let beside = socketPath.lastIndex(of: "/").map { String(socketPath[..<$0]) } ?? "."
        path = (folder ?? beside) + "/" + name
    }

    private static func folders(_ environment: [String: String]) -> [String] {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.hasPrefix("/") ? $0 : nil } }
        return [
            value("STATE_DIRECTORY").map { String($0.prefix { $0 != ":" }) },
            value("XDG_STATE_HOME").map { $0 + "/undertone" },
            value("HOME").map { $0 + "/.local/state/undertone" },
        ].compactMap { $0 }
    }

    /// True if the folder exists or can be made. An existing folder counts even if it cannot be read.
    private static func isUsable(_ folder: String) -> Bool {
        if access(folder, F_OK) == 0 || ![ENOENT, ENOTDIR].contains(errno) { return true }
        return
            (try? FileManager.default.createDirectory(
                atPath: folder,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )) != nil
    }

    /// FNV-1a hash of a path, 64 bits, hexadecimal.
    private static func digest(_ path: String) -> String {
        let hash = path.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return String(hash, radix: 16)
    }
}

// MARK: Reading

extension MuteStore {
    /// The saved holds, and a message if they could not be read.
    func read() -> (holds: [MuteHold], problem: String?) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else {
            let code = errno
            if code == ENOENT { return ([], nil) }
            return ([Self.unreadable], "cannot read \(path): \(String(cString: strerror(code)))")
        }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: Self.largest)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        if count < 0 {
            return ([Self.unreadable], "cannot read \(path): \(String(cString: strerror(errno)))")
        }
        guard let entries = try? JSONDecoder().decode([Entry].self, from: Data(bytes.prefix(count))) else {
            return ([Self.unreadable], "\(path) is damaged")
        }
        return (entries.map(Self.hold), nil)
    }

    private static func hold(_ entry: Entry) -> MuteHold {
        MuteHold(
            name: entry.name,
            userID: entry.uid,
            processID: 0,
            isEventsClient: entry.isEventsClient,
            isWhileConnected: false,
            wallNanoseconds: entry.since
        )
    }

    /// The hold that replaces those that cannot be read; `undertone unmute` releases it.
    private static var unreadable: MuteHold {
        MuteHold(
            name: MuteRequest.standardName,
            userID: geteuid(),
            processID: 0,
            isEventsClient: false,
            isWhileConnected: false,
            wallNanoseconds: 0
        )
    }
}

// MARK: Writing

extension MuteStore {
    /// Saves those of `holds` that outlast their connection. Never waits.
    func keep(_ holds: [MuteHold]) {
        let lasting = holds.filter { !$0.isWhileConnected }
        let mustStart = state.withLock { state in
            if state.holds == lasting, state.problem == nil { return false }
            state.holds = lasting
            state.wanted += 1
            defer { state.isWriting = true }
            return !state.isWriting
        }
        if mustStart { Thread.detachNewThread { self.writeAll() } }
    }

    /// True once all holds are in the file or writing them has failed; `problem` is then the reason.
    var isSettled: Bool { state.withLock { $0.written == $0.wanted } }

    /// Reason that the holds would not survive a restart; nil if they would.
    var problem: String? { state.withLock { $0.problem } }

    private func writeAll() {
        while let (holds, number) = next() {
            let problem = write(holds)
            state.withLock {
                $0.problem = problem
                $0.written = number
            }
        }
        // After the response and without delaying the next hold: it protects against a power loss, not a crash.
        synchronize()
    }

    private func next() -> (holds: [MuteHold], number: UInt64)? {
        state.withLock { state in
            state.isWriting = state.written != state.wanted
            return state.isWriting ? (state.holds, state.wanted) : nil
        }
    }

    /// Replaces the old file by a new one. Returns nil, or the reason that it failed.
    private func write(_ holds: [MuteHold]) -> String? {
        let temporary = path + "~"
        let entries = holds.map {
            Entry(name: $0.name, uid: $0.userID, isEventsClient: $0.isEventsClient, since: $0.wallNanoseconds)
        }
        guard let data = try? JSONEncoder().encode(entries) else {
            return "the holds cannot be written as JSON"
        }
        let descriptor = open(
            temporary,
            O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
            0o600
        )
        guard descriptor >= 0 else { return failure(errno) }
        let count = data.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        let code = count == data.count ? 0 : count < 0 ? errno : ENOSPC
        close(descriptor)
        if code == 0, rename(temporary, path) == 0 { return nil }
        let reason = code == 0 ? errno : code
        unlink(temporary)
        return failure(reason)
    }

    private func failure(_ code: CInt) -> String { "\(path): \(String(cString: strerror(code)))" }

    private func synchronize() {
        for name in [path, String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)])] {
            let descriptor = open(name, O_RDONLY | O_CLOEXEC)
            if descriptor < 0 { continue }
            fsync(descriptor)
            close(descriptor)
        }
    }
}
