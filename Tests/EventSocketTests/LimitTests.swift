// SPDX-License-Identifier: Apache-2.0
import EmotionEvents
import EventSocket
import Foundation
import TestSupport
import Testing

/// Limits that no well-behaved client reaches.
@Suite(.serialized) struct LimitTests {
    @Test func aBudgetAllowsASecondsWorthAtOnceAndThenItsRate() {
        var budget = RequestBudget(perSecond: 100, at: 0)
        for _ in 0..<100 { #expect(budget.spend(at: 0) == 0) }
        #expect(budget.spend(at: 0) == 10_000_000)
        #expect(budget.spend(at: 0) == 20_000_000)
        #expect(budget.spend(at: 40_000_000) == 0)
        // The bucket never holds more than a second's worth.
        for _ in 0..<100 { #expect(budget.spend(at: 3_600_000_000_000) == 0) }
        #expect(budget.spend(at: 3_600_000_000_000) > 0)
    }

    @Test func anIncompleteRequestTimesOut() async throws {
        try await LiveServer.run(change: { $0.requestPatience = .milliseconds(400) }) { server in
            let silent = try RawClient(path: server.path)
            _ = try silent.line()
            let slow = try RawClient(path: server.path)
            slow.send(#"{"type":"#)
            let lines = try slow.linesToTheEnd()
            #expect(lines.compactMap { $0["type"]?.string } == ["hello", "error", "bye"])
            #expect(lines[1]["code"]?.string == "too_slow" && lines[2]["why"]?.string == "too_slow")
            // A client that has sent nothing may still subscribe, and stays connected.
            silent.send(#"{"type":"subscribe","id":1}"# + "\n")
            #expect(try silent.line()?["type"]?.string == "ack")
        }
    }

    @Test func aFloodOfRequestsIsReadSlowlyAndAnswered() async throws {
        try await LiveServer.run(change: { $0.requestRate = 100 }) { server in
            let client = try RawClient(path: EventServerSettings.controlPath(beside: server.path))
            _ = try client.line()
            let start = Date()
            let asked = 300
            client.send(String(repeating: #"{"type":"status","id":1}"# + "\n", count: asked))
            for _ in 0..<asked { #expect(try client.line()?["type"]?.string == "status") }
            // A hundred at once, and then a hundred a second; one read of the socket may run ahead.
            #expect(Date().timeIntervalSince(start) > 1.5)
        }
    }

    @Test func beyondTheTotalLimitTheLargestQueueIsClosedFirst() async throws {
        func change(_ settings: inout EventServerSettings) {
            settings.kernelByteLimit = 8_192
            settings.waitingByteLimit = 400_000
            settings.totalWaitingByteLimit = 600_000
            settings.stuckAfter = .seconds(3_600)
        }
        try await LiveServer.run(change: change) { server in
            let few = #"{"type":"subscribe","events":["estimate"],"queue":{"max":10}}"# + "\n"
            let many = #"{"type":"subscribe","events":["estimate","utterance"],"queue":{"max":4096}}"# + "\n"
            let modest = try RawClient(path: server.path)
            let greedy = try (0..<3).map { _ in try RawClient(path: server.path) }
            for (client, request) in [(modest, few)] + greedy.map({ ($0, many) }) {
                client.send(request)
                _ = try client.line()
                #expect(try client.line()?["type"]?.string == "ack")
            }
            for sequence in 0..<4_000 {
                while server.room < 2 { usleep(200) }
                server.publish(.estimate(.sample(sequence: sequence)))
            }
            let control = try server.controlClient()
            while server.room < 1_000 { usleep(1_000) }
            let left = try control.clients().list.filter { !$0.isControl }
            // Ten estimates, and the rest of what was written at once, which may be 32 KiB.
            #expect(left.contains { $0.waitingBytes < 40_000 })
            #expect(left.count == 2 && left.reduce(0) { $0 + $1.waitingBytes } <= 600_000, "\(left)")
            let ends = try greedy.map { try $0.farewell() }
            #expect(ends.count { $0?["why"]?.string == "memory" } == 2)
        }
    }
}
