// SPDX-License-Identifier: Apache-2.0
import EmotionEvents
import EventSocket
import Foundation
import NIOCore
import TestSupport
import Testing

/// The protocol page matches the program.
@Suite struct ProtocolPageTests {
    private static let page = Fixtures.root.appending(
        path: "Sources/EventSocket/EventSocket.docc/Protocol.md"
    )

    /// The rows of the table under a heading: first cell to the other cells.
    static func fields(under heading: String) throws -> [String: [String]] {
        let text = try String(contentsOf: page, encoding: .utf8)
        let sections = text.components(separatedBy: "\n### ")
        let section = try #require(sections.first { $0.hasPrefix(heading + "\n") }, "no section \(heading)")
        let table = section.split(separator: "\n").filter { $0.hasPrefix("| `") }
        let rows = table.map { $0.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) } }
        return Dictionary(rows.map { ($0[0].trimmingCharacters(in: ["`"]), Array($0.dropFirst())) }) {
            first,
            _ in first
        }
    }

    /// Rule 3, with any client names.
    @Test func aListOfAnyClientsFitsIntoALine() throws {
        var greedy = ClientReport.everything
        greedy.name = String(repeating: "\"", count: 64)
        greedy.connectedSeconds = 1e9
        let line = ServerLines.clients(id: .max, Array(repeating: greedy, count: 5_000))
        #expect(line.count <= 64 * 1_024)
        #expect(try ServerMessage(line.dropLast())["more"]?.integer == 4_850)
    }

    /// One or more lines of each type of message, with all optional fields.
    private static func lines() throws -> [JSONValue] {
        let events: [EmotionEvent] = [
            .estimate(.sample()), .estimate(.sample(verdict: .none(.tooShort), stable: nil)),
            .estimate(.silence),
            .utteranceStarted(utterance: 1, sample: 0),
            .utteranceEnded(utterance: 1, sample: 9, final: .sample(isFinal: true)),
            .voiceActivity(isSpeech: true, sample: 0, levelDecibels: -20),
            .vocal(VocalSound(kind: .laughing, startSample: 0, endSample: 9, probability: 0.9)),
            .state(CaptureChange(condition: .lost, sample: 0, retryMilliseconds: 100)),
            .overrun(Overrun(sampleCount: 1, cause: .device, totalCount: 1, sample: 0)),
            .level(
                SoundLevel(
                    levelDecibels: -20,
                    peakDecibels: -9,
                    isClipping: false,
                    speechProbability: 1,
                    sample: 800
                )
            ),
        ]
        let encoder = EventLine(labels: LiveServer.labels, attributes: ["arousal"], device: "pulse:mic")
        var identity = LiveServer.identity
        identity.model.attributes = encoder.attributes
        var outbox = Outbox(byteLimit: 1 << 20)
        _ = outbox.add(SubscriptionOptions(), modelLabels: LiveServer.labels)
        var bytes = ServerLines.hello(identity, audioSample: 0, wallNanoseconds: 0)
        bytes += ServerLines.ack(id: 1, subscription: "s1") + ServerLines.ack(id: 2, note: "and more")
        bytes +=
            ServerLines.bye(.shutdown)
            + ServerLines.clients(id: 3, Array(repeating: .everything, count: 151))
        bytes += ServerLines.outcome(.devices([device]), id: 4)
        bytes += ServerLines.error(try refusal(of: #"{"type":"subscribe","id":1,"mode":"hops"}"#))
        bytes +=
            ServerLines.gap(subscription: "s1", lost: 1...2)
            + ServerLines.gap(subscription: "s1", lostEvents: 2)
        bytes += ServerLines.status(id: 1, .everything)
        for last in [nil, (estimate: Estimate.sample(), ageMilliseconds: 3.0)] {
            bytes += ServerLines.snapshot(
                subscription: "s1",
                capture: .open,
                device: "pulse:mic",
                model: "tiny",
                last: last,
                events: encoder
            )
        }
        // As after a reload.
        var opened = [JSONWriter()]
        ServerLines.writeOpenHello(identity, audioSample: 0, wallNanoseconds: 0, to: &opened[0])
        for event in events {
            var writer = JSONWriter()
            encoder.writeOpen(event, to: &writer)
            opened.append(writer)
        }
        for writer in opened {
            var buffer = outbox.written(EncodedLine(writer.bytes))
            bytes += buffer.readBytes(length: buffer.readableBytes) ?? []
        }
        return try bytes.split(separator: UInt8(ascii: "\n")).map { try JSONValue(parsing: Array($0)) }
    }

    /// As `undertone devices --json` prints one; a test of that program compares it with this page.
    private static let device =
        #"{"backend":"alsa","channel_counts":null,"default":true,"description":"","id":"alsa:default","monitor":false,"#
        + #""sample_rates":[8000,48000]}"#

    private static func refusal(of request: String) throws -> RequestError {
        let parser = RequestParser(role: .events, modelLabels: [])
        return try #require(throws: RequestError.self) { try parser.parse(Array(request.utf8)) }
    }

    /// The paths of all fields of an object. An estimate inside of another message has its own section.
    static func paths(_ value: JSONValue, _ prefix: String = "") -> [String] {
        if let first = value.array?.first { return paths(first, String(prefix.dropLast()) + "[].") }
        guard let members = value.object else { return [] }
        return members.flatMap { name, value in
            let name =
                if prefix == "p." { "LABEL" } else if prefix.hasSuffix("dims.") { "ATTRIBUTE" } else { name }
            let path = prefix + name
            return [path] + (name == "estimate" ? [] : paths(value, path + "."))
        }
    }

    @Test func everyFieldThatIsSentIsOnThePageAndNoOther() throws {
        var sent: [String: Set<String>] = [:]
        for line in try Self.lines() {
            sent[line["type"]?.string ?? "", default: []].formUnion(Self.paths(line))
        }
        #expect(sent.count == 16)
        for (type, paths) in sent {
            let documented = Set(try Self.fields(under: "Message `\(type)`").keys)
            let codes = Set(RequestError.Code.allCases.map(\.rawValue))
            #expect(
                (type == "error" ? documented.subtracting(codes) : documented) == paths,
                "message \(type)"
            )
        }
    }

    @Test func anEstimateInsideOfAMessageHasTheFieldsOfTheMessageEstimate() throws {
        let documented = Set(try Self.fields(under: "Message `estimate`").keys).subtracting([
            "type", "sub", "n",
        ])
        let lines = try Self.lines()
        let inner = lines.compactMap { $0["estimate"] } + lines.compactMap { $0["last"]?["estimate"] }
        #expect(inner.count == 2)
        for estimate in inner { #expect(Set(Self.paths(estimate)).subtracting(documented).isEmpty) }
    }

    @Test func everyFieldDocumentedAsAlwaysIsAlwaysSent() throws {
        for line in try Self.lines() {
            let type = line["type"]?.string ?? ""
            let always = try Self.fields(under: "Message `\(type)`").filter {
                $0.value.count > 2 && $0.value[1] == "always"
            }
            let present = Set(Self.paths(line))
            for field in always.keys {
                // A field of an optional object is present whenever the object is.
                let parent = field.split(separator: ".").dropLast().joined(separator: ".")
                if parent.isEmpty || present.contains(where: { $0.hasPrefix(parent + ".") }) {
                    #expect(present.contains(field), "\(type).\(field)")
                }
            }
        }
    }

    @Test func everyFieldOfSubscribeOnThePageIsRead() throws {
        for field in try Self.fields(under: "Request `subscribe`").keys
        where !["type", "id", "queue"].contains(field) {
            // A value that is invalid for every field is refused only if the field is read.
            let wrong =
                field.hasPrefix("queue.") ? #""queue":{"\#(field.dropFirst(6))":[[]]}"# : #""\#(field)":[[]]"#
            let request = Array(#"{"type":"subscribe",\#(wrong)}"#.utf8)
            #expect(throws: RequestError.self, "\(field)") {
                try RequestParser(role: .events, modelLabels: [], modelAttributes: ["arousal"]).parse(request)
            }
        }
    }

    @Test func theExamplesOnThePageAreLinesOfTheProtocol() throws {
        let text = try String(contentsOf: Self.page, encoding: .utf8)
        let lines = text.split(separator: "\n").filter { $0.hasPrefix("{") || $0.hasPrefix("→ {") }
        #expect(lines.count > 10)
        for line in lines {
            let value = try JSONValue(parsing: Array(line.trimmingPrefix("→ ").utf8))
            let type = value["type"]?.string ?? ""
            let kind = line.hasPrefix("→") ? "Request" : "Message"
            let documented = Set(try Self.fields(under: "\(kind) `\(type)`").keys)
            let paths = Set(Self.paths(value))
            #expect(paths.subtracting(documented).isEmpty, "\(line)")
        }
    }

    @Test func everyWordOfTheWireIsOnThePage() throws {
        let text = try String(contentsOf: Self.page, encoding: .utf8)
        let words =
            EventKind.allCases.map(\.rawValue) + EstimateMode.allCases.map(\.rawValue)
            + QueuePolicy.allCases.map(\.rawValue) + RequestError.Code.allCases.map(\.rawValue)
            + CaptureCondition.allCases.map { "\($0.word)" } + NoLabelReason.allCases.map { "\($0.word)" }
            + ByeReason.allCases.map { "\($0.word)" }
        for word in words { #expect(text.contains("`\(word)`"), "\(word)") }
    }
}

extension StatusReport {
    /// A report with all optional fields.
    fileprivate static var everything: StatusReport {
        var report = StatusReport()
        report.audioAgeMilliseconds = 3
        report.device = "pulse:mic"
        report.levelDecibels = -20
        report.retryMilliseconds = 100
        report.lastError = "gone"
        report.holds = [
            MuteHold(
                name: "user",
                userID: 1_000,
                processID: 7,
                isEventsClient: false,
                isWhileConnected: true,
                wallNanoseconds: 0
            )
        ]
        return report
    }
}

extension ClientReport {
    /// A report with all optional fields.
    fileprivate static var everything: ClientReport {
        var report = ClientReport()
        report.name = "lamp"
        return report
    }
}

extension Outbox {
    /// A line as its client receives it.
    fileprivate mutating func written(_ line: EncodedLine) -> ByteBuffer {
        var buffer = ByteBuffer()
        writePast(line, of: 0, to: &buffer)
        return buffer
    }
}
