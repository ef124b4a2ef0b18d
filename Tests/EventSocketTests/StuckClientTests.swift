// SPDX-License-Identifier: Apache-2.0
import EmotionEvents
import EventSocket
import Foundation
import Synchronization
import TestSupport
import Testing

/// A client that does not read affects no other client.
@Suite(.serialized) struct StuckClientTests {
    private static let subscribe = #"{"type":"subscribe","events":["estimate","utterance"]}"# + "\n"

    /// Publishes `count` estimates, each 50th beginning an utterance, as fast as the ring takes them.
    private static func flood(_ server: LiveServer, _ count: Int, wait: (Int) -> Void = { _ in }) {
        for sequence in 0..<count {
            wait(messages(sequence))
            while server.room < 2 { usleep(200) }
            if sequence % 50 == 0 {
                server.publish(.utteranceStarted(utterance: UInt64(sequence), sample: 0))
            }
            server.publish(.estimate(.sample(sequence: sequence)))
        }
    }

    private static func messages(_ count: Int) -> Int { count + (count + 49) / 50 }

    @Test func goodClientsLoseNothingNextToAStalledOne() async throws {
        let count = 20_000
        try await LiveServer.run(change: { $0.stuckAfter = .milliseconds(300) }) { server in
            let stuck = try RawClient(path: server.path)
            stuck.send(Self.subscribe)
            let good = try (0..<5).map { _ in
                try GoodClient(server.path, Self.subscribe, wanted: Self.messages(count))
            }
            Self.flood(server, count) { published in
                // As fast as the good clients read, however slow the machine is.
                while good.contains(where: { $0.isBehind(published, limit: 60) }) { usleep(100) }
            }
            for client in good {
                let account = client.finish()
                #expect(
                    account.received == Self.messages(count) && account.dropped == 0 && account.isUnbroken
                )
            }
            // Reading would keep it connected: wait until the server has closed it.
            let control = try server.controlClient()
            while try control.status().subscriptions > 0 { usleep(10_000) }
            #expect(try control.status().droppedMessages > 0)
            try Self.checkTheStuckOne(stuck, count)
        }
    }

    /// It receives whole lines, a gap for each loss, and the close reason.
    private static func checkTheStuckOne(_ stuck: RawClient, _ count: Int) throws {
        let lines = try stuck.linesToTheEnd()
        var account = Account()
        for line in lines { account.add(line) }
        #expect(account.isUnbroken && account.received > 64 && account.dropped > 64)
        #expect(account.received + account.dropped == account.next - 1)
        #expect(lines.last?["type"]?.string == "bye" && lines.last?["why"]?.string == "slow_client")
        #expect(stuck.remainder == 0, "no half line")
    }

    @Test func aSlowClientThatReadsLosesMessagesAndStaysOpen() async throws {
        try await LiveServer.run(change: { $0.stuckAfter = .seconds(1) }) { server in
            let slow = try RawClient(path: server.path)
            slow.send(Self.subscribe)
            while try slow.line()?["type"]?.string != "ack" {}
            Self.flood(server, 5_000)
            var account = Account()
            while account.next <= Self.messages(5_000), let line = try slow.line() {
                account.add(line)
                usleep(500)
            }
            #expect(account.isUnbroken && account.dropped > 1_000)
            #expect(account.received + account.dropped == Self.messages(5_000))
            #expect(account.utterances == 100, "control is never dropped")
        }
    }

    @Test func latestSendsAResumedClientTheNewestFirst() async throws {
        try await LiveServer.run { server in
            let client = try RawClient(path: server.path)
            client.send(#"{"type":"subscribe","events":["estimate"],"queue":{"policy":"latest"}}"# + "\n")
            while try client.line()?["type"]?.string != "ack" {}
            Self.flood(server, 2_000)
            while server.room < 1_024 { usleep(1_000) }
            var account = Account()
            var gaps = 0
            while account.next <= 2_000, let line = try client.line() {
                if line["type"]?.string == "gap" { gaps += 1 }
                account.add(line)
            }
            #expect(account.isUnbroken && gaps == 1 && account.received + account.dropped == 2_000)
        }
    }

    @Test func aClientThatSendsRequestsAndNeverReadsIsClosed() async throws {
        try await LiveServer.run(change: { $0.stuckAfter = .milliseconds(300) }) { server in
            let deaf = try RawClient(path: server.path)
            let request = String(repeating: #"{"type":"nonsense"}"# + "\n", count: 1_000)
            var rounds = 0
            while rounds < 1_000, deaf.send(request) { rounds += 1 }
            #expect(rounds < 1_000)
            #expect(try server.client().hello.labels == LiveServer.labels, "others are still served")
        }
    }
}

/// Counts received messages and reported losses of a client; together they must cover all numbers.
private struct Account: Sendable {
    var received = 0
    var dropped = 0
    var next = 1
    var isUnbroken = true
    var utterances = 0

    mutating func add(_ message: JSONValue) {
        switch message["type"]?.string {
        case "gap":
            let from = message["from"]?.integer ?? 0
            let to = message["to"]?.integer ?? 0
            if from != next || message["dropped"]?.integer != to - from + 1 { isUnbroken = false }
            dropped += to - from + 1
            next = to + 1
        case "estimate", "utterance":
            if message["n"]?.integer != next { isUnbroken = false }
            if message["type"]?.string == "utterance" { utterances += 1 }
            received += 1
            next += 1
        default: break
        }
    }
}

/// A client on a thread of its own that reads everything immediately.
private final class GoodClient: @unchecked Sendable {
    /// Belongs to the thread until `ended` is signalled.
    private var account = Account()
    private let received = Atomic(0)
    private let isEnded = Atomic(false)
    private let ended = DispatchSemaphore(value: 0)
    private let wanted: Int

    /// Subscribes, and reads from then on until `wanted` messages have arrived or no more arrive.
    init(_ path: String, _ request: String, wanted: Int) throws {
        self.wanted = wanted
        let client = try RawClient(path: path)
        client.send(request)
        while try client.line()?["type"]?.string != "ack" {}
        // The client moves to the thread and is used nowhere else.
        nonisolated(unsafe) let moved = client
        Thread.detachNewThread { self.read(moved) }
    }

    /// True if more than `limit` of the `published` messages have not arrived yet.
    func isBehind(_ published: Int, limit: Int) -> Bool {
        !isEnded.load(ordering: .acquiring) && received.load(ordering: .acquiring) + limit < published
    }

    private func read(_ client: RawClient) {
        while account.next <= wanted, let line = try? client.line() {
            account.add(line)
            received.store(account.next - 1, ordering: .releasing)
        }
        isEnded.store(true, ordering: .releasing)
        ended.signal()
    }

    /// Messages received, after the thread has ended.
    func finish() -> Account {
        ended.wait()
        return account
    }
}
