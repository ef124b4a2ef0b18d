// SPDX-License-Identifier: Apache-2.0
import Foundation

/// System calls of a program, as recorded by strace.
struct PrivacyTrace {
    /// All calls that can send or write bytes, or open a path for them.
    static let calls = [
        "write", "writev", "pwrite64", "pwritev", "pwritev2", "sendto", "sendmsg", "sendmmsg", "sendfile",
        "splice",
        "tee", "vmsplice", "copy_file_range", "open", "openat", "openat2", "creat", "socket", "connect",
        "mknod",
        "mknodat", "mkdir", "mkdirat", "link", "linkat", "symlink", "symlinkat", "memfd_create", "shmget",
        "msgget",
        "io_uring_setup", "process_vm_writev", "execve", "execveat",
    ]

    /// One call with its arguments as strace prints them.
    struct Call: Equatable {
        let name: String
        let arguments: String

        /// Parses a line; nil for signals, ends of threads and second halves of calls.
        init?(line: Substring) {
            let text = line.drop { $0.isNumber }.drop { $0 == " " }
            guard let open = text.firstIndex(of: "("),
                text[..<open].allSatisfy({ $0.isLowercase || $0.isNumber || $0 == "_" })
            else { return nil }
            name = String(text[..<open])
            arguments = String(text[text.index(after: open)...])
        }

        /// Destination of the bytes: strace's description of the descriptor, `pipe:[7]` in `23<pipe:[7]>,
        /// "W", 1`.
        var destination: String {
            guard let open = arguments.firstIndex(of: "<"), let end = endOfDestination else { return "" }
            return String(arguments[arguments.index(after: open)..<end])
        }

        /// Socket addresses contain `->` and quotes, so neither ends a destination.
        private var endOfDestination: String.Index? {
            guard let open = arguments.firstIndex(of: "<") else { return nil }
            let isFirst = !arguments[..<open].contains { $0 == "\"" || $0 == " " }
            return isFirst ? arguments[open...].firstRange(of: ">, ")?.lowerBound : nil
        }

        var descriptor: Int? { Int(arguments.prefix { $0.isNumber }) }

        /// All text and bytes in quotes, concatenated.
        var bytes: [UInt8] { quoted.flatMap { $0 } }

        /// Path of a call that opens a file or folder.
        var path: String { quoted.first.map { String(decoding: $0, as: UTF8.self) } ?? "" }

        private var quoted: [[UInt8]] {
            var parts: [[UInt8]] = []
            var rest = arguments[(endOfDestination ?? arguments.startIndex)...]
            while let start = rest.firstIndex(of: "\"") {
                var text = rest[rest.index(after: start)...].utf8
                var part: [UInt8] = []
                while let byte = Self.next(&text) { part.append(byte) }
                parts.append(part)
                rest = Substring(text)
            }
            return parts
        }

        /// Next byte of a string in C notation; nil at its end, which is consumed too.
        private static func next(_ text: inout Substring.UTF8View) -> UInt8? {
            guard let first = text.popFirst(), first != UInt8(ascii: "\"") else { return nil }
            guard first == UInt8(ascii: "\\"), let kind = text.popFirst() else { return first }
            switch kind {
            case UInt8(ascii: "x"):
                defer { text = text.dropFirst(2) }
                return UInt8(String(Substring(text.prefix(2))), radix: 16)
            case UInt8(ascii: "0")...UInt8(ascii: "7"):
                let digits =
                    [kind] + text.prefix { (UInt8(ascii: "0")...UInt8(ascii: "7")).contains($0) }.prefix(2)
                text = text.dropFirst(digits.count - 1)
                return digits.reduce(0) { $0 &* 8 &+ ($1 - UInt8(ascii: "0")) }
            default:
                let controls: [Character: UInt8] = [
                    "n": 10, "t": 9, "r": 13, "v": 11, "f": 12, "a": 7, "b": 8,
                ]
                return controls[Character(UnicodeScalar(kind))] ?? kind
            }
        }
    }

    let calls: [Call]

    init(_ text: String) { calls = text.split(separator: "\n").compactMap(Call.init) }
}
