// SPDX-License-Identifier: Apache-2.0
import EmotionEvents
import EventSocket
import Foundation
import TestSupport
import Testing

@Suite struct HostileClientTests {
    /// Returns the server's answer to one line.
    private func answer(to line: [UInt8], _ server: LiveServer) throws -> JSONValue? {
        let client = try RawClient(path: server.path)
        _ = try client.line()
        client.send(line + [UInt8(ascii: "\n")])
        return try client.line()
    }

    @Test func nonsenseIsAnsweredWithAnErrorAndTheConnectionStays() async throws {
        let nonsense: [[UInt8]] = [
            Array("hello?".utf8), [0xFF, 0xFE, 0x00], Array(String(repeating: "[", count: 4_000).utf8),
            Array(#"{"type":"subscribe","max_hz":1e400}"#.utf8), Array("GET / HTTP/1.1".utf8), [0, 0, 0],
        ]
        try await LiveServer.run { server in
            let client = try RawClient(path: server.path)
            _ = try client.line()
            for line in nonsense {
                client.send(line + [UInt8(ascii: "\n")])
                #expect(try client.line()?["code"]?.string == "bad_request")
            }
            client.send(#"{"type":"subscribe","id":9}"# + "\n")
            #expect(try client.line()?["type"]?.string == "ack")
        }
    }

    @Test func aRequestThatIsTooLongGetsAnErrorAndIsClosed() async throws {
        try await LiveServer.run { server in
            for length in [4_097, 1 << 20] {
                let client = try RawClient(path: server.path)
                client.send([UInt8](repeating: UInt8(ascii: "x"), count: length))
                let lines = try client.linesToTheEnd()
                try #require(lines.compactMap { $0["type"]?.string } == ["hello", "error", "bye"])
                #expect(lines[1]["code"]?.string == "too_long" && lines[2]["why"]?.string == "too_long")
            }
        }
    }

    @Test func aRequestMayComeByteByByte() async throws {
        try await LiveServer.run { server in
            let client = try RawClient(path: server.path)
            _ = try client.line()
            for byte in #"{"type":"subscribe","id":1}"#.utf8 + [UInt8(ascii: "\n")] { client.send([byte]) }
            #expect(try client.line()?["type"]?.string == "ack")
        }
    }

    @Test func clientsBeyondTheLimitGetAnError() async throws {
        try await LiveServer.run(change: { $0.maximumClientsPerUser = 3 }) { server in
            let inside = try (0..<3).map { _ in try server.client() }
            let error = #expect(throws: ClientError.self) { try server.client() }
            guard case .refused(let code, _, _)? = error else { return }
            #expect(code == "too_many_clients")
            #expect(try server.controlClient().status().clients == 4, "the owner can still connect")
            #expect(inside.count == 3)
        }
    }

    @Test func aClientThatLeavesMakesRoom() async throws {
        try await LiveServer.run(change: { $0.maximumClientsPerUser = 1 }) { server in
            for _ in 0..<50 {
                var client: EventClient?
                // The server detects a disconnect a moment later.
                for _ in 0..<1_000 where client == nil {
                    client = try? server.client()
                    if client == nil { usleep(1_000) }
                }
                _ = try #require(client)
            }
        }
    }

    @Test func aConnectionHoldsNoMoreSubscriptionsThanAllowed() async throws {
        try await LiveServer.run { server in
            let client = try server.client()
            for _ in 0..<8 { try client.subscribe(SubscriptionOptions()) }
            let error = #expect(throws: ClientError.self) { try client.subscribe(SubscriptionOptions()) }
            guard case .refused(let code, _, _)? = error else { return }
            #expect(code == "too_many_subs")
            #expect(throws: ClientError.self) { try client.unsubscribe("s99") }
        }
    }

    @Test func clientsThatDieInTheMiddleLeaveNothingBehind() async throws {
        try await LiveServer.run { server in
            for _ in 0..<200 {
                let client = try RawClient(path: server.path)
                client.send(#"{"type":"subscribe"}"# + "\n" + #"{"type":"sub"#)
                server.publish(.estimate(.sample()))
            }
            let control = try server.controlClient()
            for _ in 0..<1_000 {
                if try control.status().clients == 1 { break }
                usleep(1_000)
            }
            #expect(try control.status().clients == 1)
        }
    }
}
