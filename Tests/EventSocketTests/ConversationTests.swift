// SPDX-License-Identifier: Apache-2.0
import EventSocket
import Foundation
import TestSupport
import Testing

/// Protocol 1.0 is frozen: both sides must still accept a conversation recorded with it.
@Suite struct ConversationTests {
    private struct Line {
        let role: SocketRole
        let isRequest: Bool
        let bytes: [UInt8]
        let value: JSONValue
        var type: String { value["type"]?.string ?? "" }
    }

    /// Lines such as `control > {"type":"status","id":1}`: the socket, `>` to the daemon or `<` from it, the line.
    private static func lines() throws -> [Line] {
        let file = Fixtures.url("protocol/conversation-1.0.txt")
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map { text in
            let parts = text.split(separator: " ", maxSplits: 2)
            try #require(parts.count == 3, "\(text)")
            let bytes = Array(parts[2].utf8)
            return Line(
                role: parts[0] == "control" ? .control : .events,
                isRequest: parts[1] == ">",
                bytes: bytes,
                value: try JSONValue(parsing: bytes, limits: JSONLimits(depth: 16))
            )
        }
    }

    private static let labels = ["neutral", "happy", "sad", "angry", "fearful", "disgusted", "surprised"]

    private static var requests: [Request] {
        var lamp = SubscriptionOptions()
        lamp.kinds = [.estimate, .utterance, .vad, .vocal, .state, .overrun]
        (lamp.mode, lamp.maximumHz, lamp.wantsSnapshot) = (.change, 10, true)
        (lamp.queueMaximum, lamp.name) = (16, "lamp")
        var levels = SubscriptionOptions()
        levels.kinds = [.level]
        return [
            .subscribe(lamp), .subscribe(levels), .unsubscribe("s2"), .status, .clients,
            .command(.set(["speech.threshold": "0.6"])),
            .command(.mute(MuteRequest(hold: "call", isWhileConnected: true))), .status,
            .command(.unmute(hold: "call")), .command(.unmute(hold: "none")), .command(.reset),
            .command(.reload),
        ]
    }

    @Test func recordedRequestsStillMeanTheSame() throws {
        var accepted: [Request] = []
        var refused: [RequestError] = []
        for line in try Self.lines() where line.isRequest {
            let parser = RequestParser(role: line.role, modelLabels: Self.labels)
            do throws(RequestError) { accepted.append(try parser.parse(line.bytes).request) } catch {
                refused.append(error)
            }
        }
        #expect(accepted == Self.requests)
        #expect(refused.map(\.code) == [.badFilter] && refused.map(\.id) == [2])
    }

    @Test func recordedAnswersAreStillReadByTheClient() throws {
        let answers = try Self.lines().filter { !$0.isRequest }
        #expect(answers.count > 25)
        for line in answers {
            let message = try ServerMessage(line.bytes)
            let id = message["id"]?.integer
            switch message.type {
            case "hello":
                let hello = try Hello(message)
                #expect(hello.labels == Self.labels && hello.model == "undertone-default")
            case "status":
                let written = ServerLines.status(id: id, StatusReport(message.fields))
                #expect(holds(try JSONValue(parsing: written), line.value))
            case "clients":
                let reports = (message["list"]?.array ?? []).map(ClientReport.init)
                #expect(holds(try JSONValue(parsing: ServerLines.clients(id: id, reports)), line.value))
            default: break
            }
        }
    }

    /// True if `value` has all recorded fields with the same values; it may have more.
    private func holds(_ value: JSONValue?, _ recorded: JSONValue) -> Bool {
        if let fields = recorded.object { return fields.allSatisfy { holds(value?[$0.key], $0.value) } }
        if let list = recorded.array {
            let found = value?.array ?? []
            return found.count == list.count && zip(found, list).allSatisfy { holds($0, $1) }
        }
        return value == recorded
    }

    @Test func everyRecordedFieldIsStillOnThePage() throws {
        for line in try Self.lines() {
            let paths = ProtocolPageTests.paths(line.value).filter { !$0.hasPrefix("settings.") }
            // Requests without fields of their own have no table.
            if Set(paths).isSubset(of: ["type", "id"]) { continue }
            let section = "\(line.isRequest ? "Request" : "Message") `\(line.type)`"
            let documented = try ProtocolPageTests.fields(under: section)
            for path in paths { #expect(documented[path] != nil, "\(section): \(path)") }
        }
    }
}
