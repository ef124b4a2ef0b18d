// SPDX-License-Identifier: Apache-2.0
import Foundation

/// What the daemon may do with a voice, as rules over a trace. Whatever no rule allows is an offence.
struct PrivacyJudge {
    /// Where clients connect.
    let socketPath: String
    /// What was said to the microphone.
    let voice: KnownVoice

    /// Where the daemon of the tests keeps whether it is muted.
    private var stateFolder: String { URL(filePath: socketPath).deletingLastPathComponent().path + "/state" }

    /// Types of messages that EventSocket's protocol page knows.
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
        case "connect": call.arguments.contains("sa_family=AF_UNIX") ? nil : "a way out of the machine"
        case "write", "writev", "sendto", "sendmsg", "sendmmsg": sent(call)
        // libpulse shares memory with its server; it is no file, and `sent` sees what is written to it.
        case "memfd_create": call.path == "pulseaudio" ? nil : "shared memory"
        // The folder in which a mute outlives the daemon; a folder holds no sound.
        case "mkdir", "mkdirat": call.arguments.contains(stateFolder) ? nil : "a folder that it does not need"
        // The daemon itself, once.
        case "execve": call.path.hasSuffix("/undertoned") ? nil : "another program"
        default: "a call that a listener does not need"
        }
    }

    /// Only the locks of the two sockets, and what is no file on a disk.
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
        // Wake-ups carry no more than the fact; a thread's name has at most 15 bytes.
        let limits = ["pipe:": 1, "anon_inode:[eventfd": 8, "/proc/": 15]
        for (kind, limit) in limits where destination.hasPrefix(kind) {
            return bytes.count <= limit ? nil : "more than a wake-up"
        }
        // To the sound server go requests, of which the longest names the program and the stream.
        if destination.hasPrefix("UNIX") { return bytes.count <= 2_048 ? nil : "more than a request" }
        return "an unknown destination"
    }

    /// Lines of known types, with no text or list that could hold sound or features.
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
