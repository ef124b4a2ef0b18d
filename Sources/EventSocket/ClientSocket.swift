// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Byte stream of ``EventClient``: connects, sends, and splits received bytes into lines.
final class ClientSocket {
    /// The longest line that a daemon sends, in bytes.
    private static let maximumLineLength = 64 * 1_024

    /// Timeout for an answer.
    let timeout: Duration
    private let descriptor: CInt
    private var received: [UInt8] = []
    private var searched = 0
    private var chunk = [UInt8](repeating: 0, count: 16 * 1_024)

    init(paths: [String], timeout: Duration) throws(ClientError) {
        self.timeout = timeout
        descriptor = try Self.connect(paths)
    }

    deinit { close(descriptor) }

    /// Process at the other end.
    var peer: PeerIdentity? { PeerIdentity(of: descriptor) }

    private static func connect(_ paths: [String]) throws(ClientError) -> CInt {
        var code = ENOENT
        for path in paths {
            let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
            if descriptor < 0 { throw .broken(code: errno) }
            if UnixAddress.connect(descriptor, to: path) == 0 { return descriptor }
            code = errno
            close(descriptor)
            if code == EACCES || code == EPERM { throw .permissionDenied(path: path) }
        }
        throw .unreachable(paths: paths, code: code)
    }

    func send(_ bytes: [UInt8]) throws(ClientError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
            }
            if sent >= 0 { rest = rest.dropFirst(sent) } else if errno != EINTR { throw .broken(code: errno) }
        }
    }

    /// The next line without its newline; nil at the end.
    func nextLine(timeout: Duration?) throws(ClientError) -> [UInt8]? {
        let deadline = timeout.map { ContinuousClock.now + $0 }
        while true {
            if let line = takeLine() { return line }
            if received.count > Self.maximumLineLength {
                throw .protocolMismatch("a line is longer than \(Self.maximumLineLength) bytes")
            }
            if let deadline, try !waitUntilReadable(deadline) { throw .timedOut }
            if try !receive() { return nil }
        }
    }

    private func takeLine() -> [UInt8]? {
        guard let end = received[searched...].firstIndex(of: UInt8(ascii: "\n")) else {
            searched = received.count
            return nil
        }
        defer {
            received.removeSubrange(...end)
            searched = 0
        }
        return Array(received[..<end])
    }

    private func waitUntilReadable(_ deadline: ContinuousClock.Instant) throws(ClientError) -> Bool {
        while true {
            let left = max(.zero, deadline - .now)
            let milliseconds =
                left.components.seconds * 1_000 + left.components.attoseconds / 1_000_000_000_000_000
            var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let ready = poll(&poller, 1, CInt(clamping: milliseconds))
            if ready >= 0 { return ready > 0 }
            if errno != EINTR { throw .broken(code: errno) }
        }
    }

    /// Appends received bytes; false at the end of the stream.
    private func receive() throws(ClientError) -> Bool {
        while true {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            if count > 0 { received += chunk[..<count] }
            if count >= 0 { return count > 0 }
            // A daemon that closes before it reads our request resets the connection: also an end of the stream.
            if errno == ECONNRESET { return false }
            if errno != EINTR { throw .broken(code: errno) }
        }
    }
}
