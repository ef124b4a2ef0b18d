// SPDX-License-Identifier: Apache-2.0
import Foundation

/// A server in the comparison: its start command, and the messages to subscribe and publish.
struct Broker: Sendable {
    let name: String
    /// True for the loopback interface, if the server has no Unix sockets.
    var usesTCP = false
    /// Program and arguments, for the path of the socket and the folder for its files.
    let command: @Sendable (_ place: String, _ folder: String) throws -> [String]
    /// First bytes of a client, and the number of bytes that it must read before it continues.
    var greeting: @Sendable (_ client: String) -> [UInt8] = { _ in [] }
    let subscription: [UInt8]
    /// Message that contains a line.
    let message: @Sendable (_ line: [UInt8]) -> [UInt8]

    static func named(_ name: String) -> Broker? {
        [undertone, mosquitto, redis, nats].first { $0.name == name }
    }

    /// Port of servers without Unix sockets.
    static let port: UInt16 = 14_222

    /// Our server with a publisher instead of inference, as in the benchmark of publishing.
    static let undertone = Broker(
        name: "undertone",
        command: { place, _ in
            let beside = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            return [beside.appending(path: "bench-publish").path, "--serve", "undertone", place]
        },
        subscription: Array("{\"type\":\"subscribe\",\"events\":[\"estimate\"]}\n".utf8),
        message: { $0 }
    )

    static let mosquitto = Broker(
        name: "mosquitto",
        command: { place, folder in
            let lines =
                "listener 0 \(place)\nallow_anonymous true\nuser root\nmax_queued_messages 1000\nlog_dest none\n"
            try lines.write(toFile: folder + "/conf", atomically: true, encoding: .utf8)
            return ["mosquitto", "-c", folder + "/conf"]
        },
        greeting: { client in
            let body = text("MQTT") + [4, 2, 0, 0] + text(client)
            return [0x10, UInt8(body.count)] + body
        },
        subscription: [0x82, 8, 0, 1] + text("emo") + [0],
        message: { line in
            let body = text("emo") + line
            // Two length bytes are enough for 16 KiB.
            return [0x30, UInt8(body.count & 127 | 128), UInt8(body.count >> 7)] + body
        }
    )

    static let redis = Broker(
        name: "redis",
        command: { place, folder in
            let lines =
                "port 0\nunixsocket \(place)\nsave \"\"\ndir \(folder)\nmaxclients 20000\nlogfile /dev/null\n"
                + "client-output-buffer-limit pubsub 1mb 256kb 2\n"
            try lines.write(toFile: folder + "/conf", atomically: true, encoding: .utf8)
            return ["redis-server", folder + "/conf"]
        },
        subscription: Array("SUBSCRIBE emo\r\n".utf8),
        message: { line in
            Array("*3\r\n$7\r\nPUBLISH\r\n$3\r\nemo\r\n$\(line.count)\r\n".utf8) + line + Array("\r\n".utf8)
        }
    )

    static let nats = Broker(
        name: "nats",
        usesTCP: true,
        command: { _, folder in
            let lines =
                "host: 127.0.0.1\nport: \(port)\nmax_pending: 1048576\nwrite_deadline: \"2s\"\nmax_connections: 20000\n"
            try lines.write(toFile: folder + "/conf", atomically: true, encoding: .utf8)
            return ["nats-server", "-c", folder + "/conf", "-l", "/dev/null"]
        },
        greeting: { _ in Array("CONNECT {\"verbose\":false,\"pedantic\":false}\r\n".utf8) },
        subscription: Array("SUB emo 1\r\n".utf8),
        message: { Array("PUB emo \($0.count)\r\n".utf8) + $0 + Array("\r\n".utf8) }
    )

    /// Text of MQTT: preceded by two length bytes.
    private static func text(_ text: String) -> [UInt8] {
        [UInt8(text.utf8.count >> 8), UInt8(text.utf8.count & 255)] + Array(text.utf8)
    }

    /// A connection that has subscribed.
    func subscribedClient(_ client: String, at place: String, isSmall: Bool = false) throws -> CInt {
        let descriptor = try connection(client, at: place, isSmall: isSmall)
        try sendAll(subscription, to: descriptor)
        return descriptor
    }

    /// Opens a connection and completes the handshake.
    func connection(_ client: String, at place: String, isSmall: Bool = false) throws -> CInt {
        let descriptor = try usesTCP ? connectTCP(isSmall: isSmall) : connectUnix(place)
        let greeting = greeting(client)
        if greeting.isEmpty { return descriptor }
        if usesTCP { skipOne(descriptor) }
        try sendAll(greeting, to: descriptor)
        if !usesTCP { skipOne(descriptor) }
        return descriptor
    }

    private func skipOne(_ descriptor: CInt) {
        var bytes = [UInt8](repeating: 0, count: 4_096)
        _ = recv(descriptor, &bytes, bytes.count, 0)
    }

    private func connectTCP(isSmall: Bool) throws -> CInt {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var (one, small): (CInt, CInt) = (1, 4_096)
        let size = socklen_t(MemoryLayout<CInt>.size)
        setsockopt(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &one, size)
        // A client that stands shall not have the kernel keep megabytes for it.
        if isSmall { setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &small, size) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = Self.port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return try connected(descriptor, &address)
    }

    private func connectUnix(_ place: String) throws -> CInt {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: place.utf8) }
        return try connected(socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0), &address)
    }

    private func connected<Address>(_ descriptor: CInt, _ address: inout Address) throws -> CInt {
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<Address>.size))
            }
        }
        if result == 0 { return descriptor }
        close(descriptor)
        throw Unreachable()
    }
}

/// Error: a server does not answer.
struct Unreachable: Error {}

/// Sends all of `bytes`; waits as long as necessary.
func sendAll(_ bytes: [UInt8], to descriptor: CInt) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
        let sent = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
        if sent <= 0 { throw Unreachable() }
        rest = rest.dropFirst(sent)
    }
}
