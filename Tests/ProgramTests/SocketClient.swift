// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// A client as any user could write it: a Unix socket and lines of JSON, without code of our own.
final class SocketClient {
    private let descriptor: Int32
    private var pending = Data()
    /// Everything received so far.
    private(set) var received: [[String: Any]] = []

    init(path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) }
        }
        // `deinit` closes it even if `init` throws after this line.
        guard connected == 0 else { throw CannotConnect(reason: String(cString: strerror(errno))) }
    }

    deinit { close(descriptor) }

    /// True if a daemon sends `hello` at `path`; a connection alone may wait in the kernel before the daemon serves.
    static func isAnswered(at path: String) -> Bool {
        guard let client = try? SocketClient(path: path) else { return false }
        return (try? client.next("hello", within: 1)) != nil
    }

    struct CannotConnect: Error {
        let reason: String
    }

    func send(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// Subscribes to `events` and waits for the acknowledgement.
    func subscribe(to events: [String], _ more: String = "") throws {
        let names = events.map { "\"\($0)\"" }.joined(separator: ",")
        send(#"{"type":"subscribe","id":1,"events":[\#(names)]\#(more)}"#)
        _ = try next("ack")
    }

    /// The next line, nil when the daemon closed the socket or sent nothing for `seconds`.
    func line(within seconds: Double = 20) throws -> [String: Any]? {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while true {
            if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
                let text = String(decoding: pending[..<end], as: UTF8.self)
                pending = Data(pending[pending.index(after: end)...])
                let object = try object(text)
                received.append(object)
                return object
            }
            var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard ContinuousClock.now < deadline, poll(&poller, 1, 100) >= 0 else { return nil }
            guard poller.revents != 0 else { continue }
            var bytes = [UInt8](repeating: 0, count: 65_536)
            let count = recv(descriptor, &bytes, bytes.count, 0)
            guard count > 0 else { return nil }
            pending.append(contentsOf: bytes.prefix(count))
        }
    }

    /// The next line of one type; others are skipped.
    func next(_ type: String, within seconds: Double = 20) throws -> [String: Any] {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < deadline, let object = try line(within: seconds) {
            if object["type"] as? String == type { return object }
        }
        throw Missing(type: type, received: received.map { "\($0)" })
    }

    struct Missing: Error {
        let type: String
        let received: [String]
    }
}
