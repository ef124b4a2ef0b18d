// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Rules for a trace of the daemon with a voice. Every call that no rule allows is an offence.
struct PrivacyJudge {
    /// Path of the events socket.
    let socketPath: String
    /// Speech that the microphone captured.
    let voice: KnownVoice

    /// Folder in which the daemon under test stores its mute state.
    private var stateFolder: String { URL(filePath: socketPath).deletingLastPathComponent().path + "/state" }

    /// Types of messages on EventSocket's protocol page.
    private static let messages: Set<String> = [
        "hello", "ack", "snapshot", "estimate", "utterance", "vad", "vocal", "level", "state", "overrun",
        "gap",
        "status",
        "clients", "devices", "error", "bye",
    ]

    /// Every call that is not allowed, with the reason.
    func offences(in trace: PrivacyTrace) -> [String] {
        trace.calls.compactMap { call in
            offence(call).map { "\($0): \(call.name)(\(call.arguments.prefix(160))" }
        }
    }

    private func offence(_ call: PrivacyTrace.Call) -> String? {
        switch call.name {
        case "open", "openat": opened(call)
        case "socket": call.arguments.hasPrefix("AF_UNIX") ? nil : "a socket that is not local"
        case "connect": call.arguments.contains("sa_family=AF_UNIX") ? nil : "a connection that is not local"
        case "write", "writev", "sendto", "sendmsg", "sendmmsg": sent(call)
        // libpulse shares memory with its server; it is not a file, and `sent` checks the bytes that are
        // written to it.
        case "memfd_create": call.path == "pulseaudio" ? nil : "shared memory"
        // The folder in which a mute is saved after the daemon ends; a folder contains no audio.
        case "mkdir", "mkdirat": call.arguments.contains(stateFolder) ? nil : "a folder that it does not need"
        // The daemon itself, once.
        case "execve": call.path.hasSuffix("/undertoned") ? nil : "another program"
        default: "a call that the daemon does not need"
        }
    }

    /// Permits only the locks of the two sockets, and paths that are not files on a disk.
    private func opened(_ call: PrivacyTrace.Call) -> String? {
        let writes = ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC", "O_APPEND"].contains {
            call.arguments.contains($0)
        }
        let folder = URL(filePath: socketPath).deletingLastPathComponent().path
        let harmless = [
            "/dev/null", "/proc/thread-self/comm", folder + "/control.sock.lock", socketPath + ".lock",
        ]
        return writes && !harmless.contains(call.path) ? "a file opened for writing" : nil
    }

    private func sent(_ call: PrivacyTrace.Call) -> String? {
        let bytes = call.bytes
        if voice.longestStretch(in: bytes) > 0 { return "the voice" }
        let destination = call.destination
        if destination.contains(socketPath) || destination.contains("control.sock") { return badLine(bytes) }
        if call.descriptor == 2 { return bytes.contains { $0 >= 0x80 || $0 == 0 } ? "not a log line" : nil }
        // Wake-ups contain no data; the name of a thread has at most 15 bytes.
        let limits = ["pipe:": 1, "anon_inode:[eventfd": 8, "/proc/": 15]
        for (kind, limit) in limits where destination.hasPrefix(kind) {
            return bytes.count <= limit ? nil : "more than a wake-up"
        }
        // The sound server gets requests; the longest one contains the names of the program and the stream.
        if destination.hasPrefix("UNIX") { return bytes.count <= 2_048 ? nil : "more than a request" }
        return "an unknown destination"
    }

    /// Permits lines of known types, without text or lists that could contain audio or features.
    private func badLine(_ bytes: [UInt8]) -> String? {
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            guard let object = try? JSONSerialization.jsonObject(with: Data(line)) as? [String: Any],
                let type = object["type"] as? String, Self.messages.contains(type)
            else { return "an unknown message" }
            if holdsMuch(object) { return "a message that could hold sound" }
        }
        return bytes.last == UInt8(ascii: "\n") ? nil : "half a line"
    }

    private func holdsMuch(_ value: Any) -> Bool {
        switch value {
        case let object as [String: Any]: object.count > 40 || object.values.contains(where: holdsMuch)
        case let list as [NSNumber]: list.count > 2
        case let list as [Any]: list.count > 64 || list.contains(where: holdsMuch)
        case let text as String: text.utf8.count > 256
        default: false
        }
    }
}
