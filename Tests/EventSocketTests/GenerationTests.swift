// SPDX-License-Identifier: Apache-2.0
import EmotionEvents
import EventSocket
import Foundation
import TestSupport
import Testing

/// Label names belong to the model that made the estimate, even after a lost event.
@Suite struct GenerationTests {
    private static let patience = Duration.seconds(300)

    @Test func anEstimateOfAnotherModelBringsItsLabelsEvenIfTheReloadWasLost() async throws {
        try await LiveServer.run { server in
            let client = try server.client()
            try client.subscribe(SubscriptionOptions())
            server.publish(.estimate(.sample(verdict: .label(2), stable: 2)))
            let new = Estimate.sample(verdict: .label(1), stable: 1, classCount: 2, generation: 1)
            server.publish(.utteranceEnded(utterance: 3, sample: 9, final: new))
            #expect(try client.next(timeout: Self.patience)?["label"]?.string == "sad")
            let hello = try #require(try client.next(timeout: Self.patience))
            #expect(hello.type == "hello" && hello["n"]?.integer == 2)
            #expect(hello["model"]?["labels"]?.array?.compactMap(\.string) == LiveServer.newLabels)
            let estimate = try #require(try client.next(timeout: Self.patience))
            #expect(estimate["label"]?.string == "cross" && estimate["stable"]?["label"]?.string == "cross")
        }
    }

    @Test func anIndexWithoutALabelIsStillWritten() throws {
        let line = EventLine(labels: ["calm"])
        let text = line.line(.estimate(.sample(verdict: .label(2), stable: 9)))
        let value = try JSONValue(parsing: Array(text.utf8.dropLast()))
        #expect(value["label"]?.string == EventLine.unnamed)
        #expect(value["stable"]?["label"]?.string == EventLine.unnamed && value["p"]?.object?.count == 1)
        #expect(Estimate.sample(verdict: .label(7)).confidence == 0)
    }

    /// Filters use label names: those of the old model before a reload, those of the new model after it.
    @Test func withManySubscriptionsAndReloadsInALoopNoLabelIsMistaken() async throws {
        try await LiveServer.run(ringCapacity: 64, change: { $0.maximumClientsPerUser = 64 }) { server in
            let clients = try (0..<32).map { _ in try server.client() }
            for client in clients {
                for _ in 0..<8 { try client.subscribe(SubscriptionOptions()) }
            }
            for generation in 1...20 {
                while server.room < 4 { usleep(200) }
                // Every second reload is lost, as if the ring had been full.
                if generation % 2 == 0 { server.publish(.reloaded(generation: UInt64(generation))) }
                let final = Estimate.sample(
                    sequence: generation,
                    verdict: .label(generation % 2),
                    stable: generation % 2,
                    isFinal: true,
                    classCount: 2,
                    generation: UInt64(generation)
                )
                server.publish(.estimate(final))
            }
            for client in clients {
                var finals = 0
                while finals < 20 * 8 {
                    let message = try #require(try client.next(timeout: Self.patience))
                    #expect(message.type != "gap" && message.type != "bye")
                    guard message.type == "estimate", let sequence = message["seq"]?.integer else { continue }
                    finals += 1
                    #expect(message["label"]?.string == LiveServer.newLabels[sequence % 2])
                }
            }
        }
    }
}
