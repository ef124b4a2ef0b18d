// SPDX-License-Identifier: Apache-2.0
import EmotionEvents
import EventSocket
import Foundation
import Logging
import Synchronization
import TestSupport
import Testing

/// Ordinary client behaviour: half-close, many requests at once, hours without a request.
@Suite struct ClientHabitTests {
    private func control(_ server: LiveServer) throws -> RawClient {
        try RawClient(path: EventServerSettings.controlPath(beside: server.path))
    }

    @Test func aHalfClosedClientStillReceivesEvents() async throws {
        try await LiveServer.run { server in
            let client = try RawClient(path: server.path)
            client.send(#"{"type":"subscribe","id":1}"# + "\n")
            client.endRequests()
            #expect(try client.line()?["type"]?.string == "hello")
            #expect(try client.line()?["type"]?.string == "ack")
            for sequence in 0..<10 {
                server.publish(.estimate(.sample(sequence: sequence)))
                #expect(try client.line()?["seq"]?.integer == sequence)
            }
        }
    }

    @Test func aHalfClosedClientThatLeavesIsForgotten() async throws {
        try await LiveServer.run { server in
            for _ in 0..<20 {
                let client = try RawClient(path: server.path)
                client.send(#"{"type":"subscribe","id":1}"# + "\n")
                client.endRequests()
                _ = (try client.line(), try client.line())
            }
            let control = try server.controlClient()
            for _ in 0..<1_000 {
                if try control.status().clients == 1 { break }
                usleep(1_000)
            }
            #expect(try control.status().clients == 1)
        }
    }

    @Test func aLastRequestNeedsNoNewlineAndTheConnectionEndsWithItsAnswer() async throws {
        try await LiveServer.run { server in
            let client = try control(server)
            client.send(#"{"type":"status","id":1}"# + "\n" + #"{"type":"status","id":2}"#)
            client.endRequests()
            let lines = try client.linesToTheEnd()
            #expect(lines.compactMap { $0["type"]?.string } == ["hello", "status", "status", "bye"])
            #expect(lines.last?["why"]?.string == "done")
        }
    }

    /// Answers that do not fit delay the next request; they do not close the connection.
    @Test func manyRequestsAtOnceAreAllAnswered() async throws {
        func change(_ settings: inout EventServerSettings) {
            settings.kernelByteLimit = 8_192
            settings.waitingByteLimit = 4_096
            settings.requestRate = 100_000
        }
        try await LiveServer.run(change: change) { server in
            let others = try (0..<60).map { _ in try server.client() }
            let client = try control(server)
            _ = try client.line()
            client.send(String(repeating: #"{"type":"clients","id":1}"# + "\n", count: 200))
            for _ in 0..<200 {
                #expect(try client.line()?["list"]?.array?.count == others.count + 1)
            }
        }
    }

    @Test func idleControlConnectionsDoNotKeepTheOwnerOut() async throws {
        try await LiveServer.run { server in
            let idle = try (0..<40).map { _ in
                let client = try control(server)
                _ = try client.line()
                return client
            }
            #expect(try server.controlClient().status().clients <= 16)
            #expect(try idle[0].farewell()?["why"]?.string == "idle")
        }
    }

    @Test func aConnectionThatHoldsTheMicrophoneClosedIsNotIdle() async throws {
        try await LiveServer.run(change: { $0.idlePatience = .milliseconds(100) }) { server in
            let holder = try control(server)
            _ = try holder.line()
            holder.send(#"{"type":"mute","id":1,"hold":"a","while_connected":true}"# + "\n")
            #expect(try holder.line()?["type"]?.string == "ack")
            let idle = try control(server)
            #expect(try idle.linesToTheEnd().last?["why"]?.string == "idle")
            holder.send(#"{"type":"status","id":2}"# + "\n")
            #expect(try holder.line()?["type"]?.string == "status")
        }
    }

    @Test func noMoreThanHalfOfTheConnectionsMayHoldTheMicrophoneClosed() async throws {
        try await LiveServer.run { server in
            let holders = try (0..<9).map { _ in
                let client = try control(server)
                _ = try client.line()
                client.send(#"{"type":"mute","id":1,"while_connected":true}"# + "\n")
                return client
            }
            let answers = try holders.map { try $0.line()?["type"]?.string }
            #expect(answers == Array(repeating: "ack", count: 8) + ["error"])
        }
    }

    @Test func clientsMayOnlyHoldTheMicrophoneWhereTheOwnerAllowsIt() async throws {
        try await LiveServer.run { server in
            let client = try RawClient(path: server.path)
            client.send(#"{"type":"mute","id":1}"# + "\n")
            #expect(try client.line() != nil && client.line()?["code"]?.string == "unknown_verb")
        }
        try await LiveServer.run(change: { $0.clientsMayMute = true }) { server in
            let client = try RawClient(path: server.path)
            client.send(#"{"type":"mute","id":1}"# + "\n")
            #expect(try client.line() != nil && client.line()?["type"]?.string == "ack")
        }
    }

    @Test func logLinesOfAKindAreLimitedAndWithheldOnesAreCounted() {
        var budget = LogBudget()
        let minute = LogBudget.refill
        var written = 0
        for number in 0..<1_000 where budget.mayWrite(at: Int64(number) * 1_000_000) { written += 1 }
        #expect(written == LogBudget.burst)
        #expect(budget.takeWithheld(at: minute - 1) == nil)
        #expect(budget.takeWithheld(at: minute) == 990)
        #expect(budget.takeWithheld(at: minute + 1) == nil)
        let isAllowedAtOnce = budget.mayWrite(at: minute + 2)
        #expect(!isAllowedAtOnce)
        #expect(budget.takeWithheld(at: 2 * minute) == 1)
        let isUnused = budget.isUnused(at: 12 * minute)
        #expect(isUnused)
    }

    @Test func aConnectionASecondForADayLogsAFewLinesAnHour() {
        var budget = LogBudget()
        var lines = 0
        for second in 0..<86_400 {
            let now = Int64(second) * 1_000_000_000
            if budget.takeWithheld(at: now) != nil { lines += 1 }
            if budget.mayWrite(at: now) { lines += 1 }
        }
        #expect(lines <= LogBudget.burst + 86_400 / 60)
    }

    @Test func eachUserAndEachKindHasItsOwnBudgetAndTheLastLineIsKept() {
        let lines = LineCollector()
        let log = LimitedLog(Logger(label: "test", factory: { _ in lines }))
        for number in 0..<100 {
            log.write(.connected, .info, "client connected", metadata: ["pid": "\(number)"], user: 7)
        }
        log.write(.connected, .info, "client connected", metadata: ["pid": "other"], user: 8)
        log.write(.refused, .info, "client refused", user: 7)
        log.writeWithheld()
        let written = lines.all
        #expect(written.count == LogBudget.burst + 2)
        #expect(written.suffix(2) == ["client connected [pid: other]", "client refused []"], "\(written)")
    }
}

/// A log that keeps its lines.
private final class LineCollector: LogHandler, Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }
    func log(event: LogEvent) {
        let facts = (event.metadata ?? [:]).map { "\($0): \($1)" }
        lines.withLock { $0.append("\(event.message) [\(facts.joined(separator: ", "))]") }
    }
}
