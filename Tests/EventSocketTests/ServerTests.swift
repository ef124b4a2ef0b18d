// SPDX-License-Identifier: Apache-2.0
import EmotionEvents
import EventSocket
import Foundation
import TestSupport
import Testing

/// A real server, real sockets, real clients.
@Suite struct ServerTests {
    private static let patience = Duration.seconds(300)

    @Test func helloDescribesTheModelAndThatNoAudioIsKept() async throws {
        try await LiveServer.run { server in
            let hello = try server.client().hello.message
            #expect(hello["proto"] == .array([.integer(1), .integer(0)]))
            #expect(hello["model"]?["labels"]?.array?.compactMap(\.string) == LiveServer.labels)
            #expect(hello["model"]?["dims"] == .object([:]), "dims is empty for a model without dimensions")
            #expect(hello["clock"]?["audio"]?.number == 1)
            #expect(hello["audio_retained"] == .bool(false))
        }
    }

    @Test func aClientReceivesWhatWasPublishedInOrder() async throws {
        try await LiveServer.run { server in
            let client = try server.client()
            try client.subscribe(SubscriptionOptions())
            for sequence in 0..<100 { server.publish(.estimate(.sample(sequence: sequence))) }
            for number in 1...100 {
                let message = try #require(try client.next(timeout: Self.patience))
                #expect(message.type == "estimate" && message["n"]?.integer == number)
                #expect(message["seq"]?.integer == number - 1 && message["sub"]?.string == "s1")
            }
        }
    }

    @Test func theFinalEstimateComesByItselfAndInTheEndOfItsUtterance() async throws {
        try await LiveServer.run { server in
            let client = try server.client()
            var options = SubscriptionOptions()
            options.mode = .final
            try client.subscribe(options)
            server.publish(.utteranceStarted(utterance: 3, sample: 0))
            server.publish(.estimate(.sample(sequence: 0)))
            server.publish(
                .utteranceEnded(utterance: 3, sample: 9, final: .sample(sequence: 1, isFinal: true))
            )
            let start = try #require(try client.next(timeout: Self.patience))
            let estimate = try #require(try client.next(timeout: Self.patience))
            let end = try #require(try client.next(timeout: Self.patience))
            #expect(start["event"]?.string == "start")
            #expect(
                estimate.type == "estimate" && estimate["final"] == .bool(true)
                    && estimate["n"] == .integer(2)
            )
            #expect(end["event"]?.string == "end" && end["estimate"]?["seq"] == estimate["seq"])
        }
    }

    @Test func onlySubscribersOfLevelsReceiveLevels() async throws {
        try await LiveServer.run { server in
            let level = SoundLevel(
                levelDecibels: -20,
                peakDecibels: -9,
                isClipping: false,
                speechProbability: 0.5,
                sample: 800
            )
            let everyday = try server.client()
            try everyday.subscribe(SubscriptionOptions())
            let meter = try server.client()
            var options = SubscriptionOptions()
            options.kinds = [.level]
            let subscription = try meter.subscribe(options)
            server.publish(.level(level))
            server.publish(.estimate(.sample(sequence: 7)))
            let seen = try #require(try meter.next(timeout: Self.patience))
            #expect(seen.type == "level" && seen["peak_db"] == .number(-9))
            #expect(try everyday.next(timeout: Self.patience)?.type == "estimate")
            try meter.unsubscribe(subscription)
            try meter.subscribe(SubscriptionOptions())
            server.publish(.level(level))
            server.publish(.estimate(.sample(sequence: 8)))
            #expect(try meter.next(timeout: Self.patience)?.type == "estimate")
        }
    }

    @Test func aFilterNeverConsumesANumber() async throws {
        try await LiveServer.run { server in
            let client = try server.client()
            var options = SubscriptionOptions()
            options.labels = ["sad"]
            try client.subscribe(options)
            for sequence in 0..<10 {
                server.publish(.estimate(.sample(sequence: sequence, verdict: .label(sequence % 2 + 1))))
            }
            for number in 1...5 {
                let message = try #require(try client.next(timeout: Self.patience))
                #expect(message["n"]?.integer == number && message["label"]?.string == "sad")
            }
        }
    }

    @Test func subscriptionsOfOneClientCountSeparately() async throws {
        try await LiveServer.run { server in
            let client = try server.client()
            var states = SubscriptionOptions()
            states.kinds = [.state]
            #expect(try client.subscribe(SubscriptionOptions()) == "s1")
            #expect(try client.subscribe(states) == "s2")
            server.publish(.estimate(.sample()))
            server.publish(.state(CaptureChange(condition: .lost, sample: 0, retryMilliseconds: 100)))
            var numbers: [String: [Int]] = [:]
            for _ in 0..<3 {
                let message = try #require(try client.next(timeout: Self.patience))
                numbers[message["sub"]?.string ?? "", default: []].append(message["n"]?.integer ?? 0)
            }
            #expect(numbers == ["s1": [1, 2], "s2": [1]])
            try client.unsubscribe("s1")
            server.publish(.state(CaptureChange(condition: .open, sample: 0)))
            let message = try #require(try client.next(timeout: Self.patience))
            #expect(message["sub"]?.string == "s2" && message["n"]?.integer == 2)
        }
    }

    @Test func aSnapshotHasTheStateAndTheLastEstimateWithItsAge() async throws {
        try await LiveServer.run { server in
            let witness = try server.client()
            try witness.subscribe(SubscriptionOptions())
            server.publish(.state(CaptureChange(condition: .open, sample: 0)))
            server.publish(.estimate(.sample(sequence: 41)))
            for _ in 0..<2 { _ = try witness.next(timeout: Self.patience) }
            let client = try server.client()
            var options = SubscriptionOptions()
            options.wantsSnapshot = true
            try client.subscribe(options)
            let snapshot = try #require(try client.next(timeout: Self.patience))
            #expect(snapshot.type == "snapshot" && snapshot["state"]?["capture"]?.string == "open")
            #expect(snapshot["state"]?["device"]?.string == "pulse:mic")
            #expect(snapshot["last"]?["estimate"]?["seq"]?.integer == 41)
            #expect((0..<60_000).contains(snapshot["last"]?["age_ms"]?.number ?? -1))
        }
    }

    @Test func statusIsAnsweredOnTheControlSocketOnly() async throws {
        try await LiveServer.run { server in
            let client = try server.client()
            try client.subscribe(SubscriptionOptions())
            let report = try server.controlClient().status()
            #expect(report.capturedSamples == 16_000 && report.subscriptions == 1 && report.clients == 2)
            let error = try #require(throws: ClientError.self) { try client.status() }
            guard case .refused(let code, _, let hint) = error else { throw error }
            #expect(code == "unknown_verb" && hint?.contains("control socket") == true)
        }
    }

    @Test func shutdownFlushesAndSendsBye() async throws {
        let folder = try TemporaryFolder()
        let server = try LiveServer(path: folder.path + "/u.sock")
        try await server.serve { server in
            let client = try server.client()
            try client.subscribe(SubscriptionOptions())
            for sequence in 0..<100 { server.publish(.estimate(.sample(sequence: sequence))) }
            server.stop()
            for number in 1...100 {
                #expect(try client.next(timeout: Self.patience)?["n"]?.integer == number)
            }
            let bye = try client.next(timeout: Self.patience)
            #expect(bye?.text == #"{"type":"bye","why":"shutdown"}"#)
            #expect(try client.next(timeout: Self.patience) == nil)
        }
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(left == ["u-control.sock.lock", "u.sock.lock"], "no socket stays, the locks do")
    }

    @Test func eventsLostBeforeTheServerAreReported() async throws {
        let folder = try TemporaryFolder()
        let server = try LiveServer(path: folder.path + "/u.sock", ringCapacity: 8)
        // No thread takes events before the server runs.
        for sequence in 0..<20 { server.publish(.estimate(.sample(sequence: sequence))) }
        try await server.serve { server in
            while server.room < 8 { usleep(1_000) }
            let report = try server.controlClient().status()
            #expect(report.lostEvents == 12)
        }
    }
}
