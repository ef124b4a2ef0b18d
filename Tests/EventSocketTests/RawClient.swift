// SPDX-License-Identifier: Apache-2.0
import EventSocket
import Foundation

/// A client that sends arbitrary bytes, and reads only on request.
final class RawClient {
    private let descriptor: CInt
    private var received: [UInt8] = []
    private var start = 0

    init(path: String) throws {
        descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        if withAddress(path, { connect(descriptor, $0, $1) }) != 0 { throw SocketProblem(code: errno) }
        setPatience(seconds: 60)
    }

    private func setPatience(seconds: Int, microseconds: Int = 0) {
        var patience = timeval(tv_sec: seconds, tv_usec: microseconds)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }

    /// The last line if the server has closed the connection; reads available bytes with a short timeout.
    func farewell() throws -> JSONValue? {
        setPatience(seconds: 0, microseconds: 500_000)
        defer { setPatience(seconds: 60) }
        var last: JSONValue?
        while let line = try line() { last = line }
        return last?["type"]?.string == "bye" ? last : nil
    }

    deinit { close(descriptor) }

    /// Shuts down the sending side and continues to read.
    func endRequests() { shutdown(descriptor, CInt(SHUT_WR)) }

    /// Sends all of `text`; false if the server has closed.
    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
            }
            if sent <= 0 { return false }
            rest = rest.dropFirst(sent)
        }
        return true
    }

    /// The next line, nil at the end of the connection or after a minute without data.
    func line() throws -> JSONValue? {
        while true {
            if let end = received[start...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { start = end + 1 }
                return try JSONValue(parsing: Array(received[start..<end]))
            }
            received.removeSubrange(..<start)
            start = 0
            var chunk = [UInt8](repeating: 0, count: 65_536)
            let count = recv(descriptor, &chunk, chunk.count, 0)
            if count <= 0 { return nil }
            received += chunk[..<count]
        }
    }

    /// All lines up to the end of the connection.
    func linesToTheEnd() throws -> [JSONValue] {
        var lines: [JSONValue] = []
        while let line = try line() { lines.append(line) }
        return lines
    }

    /// Bytes received after the last whole line.
    var remainder: Int { received.count - start }
}

/// A socket that is bound to `path` and does not listen yet: when closed, it looks like the socket of a killed daemon.
func boundSocket(_ path: String) throws -> CInt {
    let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
    if withAddress(path, { bind(descriptor, $0, $1) }) != 0 { throw SocketProblem(code: errno) }
    return descriptor
}

struct SocketProblem: Error { let code: CInt }

private func withAddress(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt) -> CInt {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    return withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
}
