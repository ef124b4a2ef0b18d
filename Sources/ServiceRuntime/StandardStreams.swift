// SPDX-License-Identifier: Apache-2.0
import Glibc
import PlainText

/// Messages for people. Never throws, since a failure could not be reported.
public enum StandardError {
    /// Writes the text in one call, so that lines of several threads do not mix. Control characters are shown as
    /// text, so that a file's or device's name cannot control the terminal.
    public static func write(_ text: String) { draw(plainText(text, keepsLines: true)) }

    /// Writes text that moves the cursor on purpose; it must not contain input from outside.
    public static func draw(_ text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }
}

/// Results for programs and people.
public enum StandardOutput {
    /// Writes the whole text.
    ///
    /// - Throws: ``OutputClosed`` when the reader closed the pipe (`undertone listen | head -1`), a failure with
    ///   ``ExitStatus/other`` when the disk is full or the like.
    public static func write(_ text: String) throws {
        try write(Array(text.utf8))
    }

    /// Writes a table or a sentence for people; control characters are shown as text. Throws as
    /// ``write(_:)-(String)``.
    public static func show(_ text: String) throws { try write(plainText(text, keepsLines: true)) }

    /// Writes lines of JSON; control characters are escaped, so that the values stay the same. Throws as
    /// ``write(_:)-(String)``.
    public static func write(json: String) throws { try write(plainJSON(json)) }

    /// Writes all bytes. Throws as ``write(_:)-(String)``.
    public static func write(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EPIPE {
                throw OutputClosed()
            } else if errno == EAGAIN {
                waitUntilWritable()
            } else if errno != EINTR {
                throw ProgramFailure(
                    .other,
                    "cannot write to standard output: \(String(cString: strerror(errno)))"
                )
            }
        }
    }

    /// Waits until stdout accepts bytes: some shells and terminals leave it non-blocking.
    private static func waitUntilWritable() {
        var descriptor = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
        poll(&descriptor, 1, 1_000)
    }
}

/// Thrown when the reader has closed standard output: the program ends quietly and successfully.
public struct OutputClosed: Error {
    /// An error without details.
    public init() {}
}
