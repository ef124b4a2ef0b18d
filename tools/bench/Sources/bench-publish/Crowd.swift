// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Many clients in one thread, each on a connection of its own.
struct Crowd {
    private var connections: [Connection] = []
    private var poller: [pollfd] = []
    /// Microseconds from the stamp in a line to its arrival.
    private(set) var delays: [Double] = []
    /// Length of a line.
    private(set) var lineBytes = 0

    /// Number of received lines.
    var received: Int { delays.count }

    private struct Connection {
        let descriptor: CInt
        var partial: [UInt8] = []
    }

    struct Unreachable: Error {}

    /// Connects `count` times and subscribes to estimates; an engine without requests ignores that.
    init(path: String, count: Int) throws {
        let request = Array(#"{"type":"subscribe","events":["estimate"]}"#.utf8) + [UInt8(ascii: "\n")]
        for _ in 0..<count {
            let descriptor = try Self.connect(path)
            _ = send(descriptor, request, request.count, CInt(MSG_NOSIGNAL))
            poller.append(pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0))
            connections.append(Connection(descriptor: descriptor))
        }
    }

    /// Closes all connections.
    func close() {
        for connection in connections { _ = Glibc.close(connection.descriptor) }
    }

    private static func connect(_ path: String) throws -> CInt {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        for _ in 0..<2_000 {
            let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
            let result = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            if result == 0 { return descriptor }
            _ = Glibc.close(descriptor)
            usleep(5_000)
        }
        throw Unreachable()
    }

    /// Reads until `count` lines have arrived, or no more arrive.
    mutating func read(until count: Int, patience seconds: Double) {
        let deadline = Stamp.now() + UInt64(seconds * 1e9)
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while received < count, Stamp.now() < deadline {
            _ = poll(&poller, nfds_t(poller.count), 200)
            for index in poller.indices where poller[index].revents != 0 { take(index, &chunk) }
        }
    }

    private mutating func take(_ index: Int, _ chunk: inout [UInt8]) {
        let count = recv(connections[index].descriptor, &chunk, chunk.count, CInt(MSG_DONTWAIT))
        if count <= 0 { return }
        let now = Stamp.now()
        connections[index].partial += chunk[..<count]
        while let end = connections[index].partial.firstIndex(of: UInt8(ascii: "\n")) {
            if let stamp = Stamp.find(in: connections[index].partial[..<end]) {
                delays.append(Double(now - stamp) / 1_000)
                lineBytes = end + 1
            }
            connections[index].partial.removeSubrange(...end)
        }
    }
}

/// Creation time of a line: nanoseconds of the monotonic clock, in place of the utterance number.
enum Stamp {
    private static let key = Array(#""utt":"#.utf8)

    static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    static func find(in line: ArraySlice<UInt8>) -> UInt64? {
        guard let start = line.indices.first(where: { line[$0...].starts(with: key) }) else { return nil }
        let digits = line[(start + key.count)...].prefix {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
        }
        return UInt64(String(decoding: digits, as: UTF8.self))
    }
}
