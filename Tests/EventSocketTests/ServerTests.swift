// SPDX-License-Identifier: Apache-2.0
import EmotionEvents
import EventSocket
import Foundation
import TestSupport
import Testing

@Suite struct ServerTests {
    @Test func aSubscriberHearsWhatWasPublishedInOrder() async throws {
        try await LiveServer.run { server in
            let client = try server.client()
            #expect(client.hello.labels == LiveServer.labels)
            try client.subscribe(SubscriptionOptions())
            for sequence in 0..<100 { server.publish(.estimate(.sample(sequence: sequence))) }
            for number in 1...100 {
                let message = try #require(try client.next(timeout: .seconds(5)))
                #expect(message.type == "estimate" && message["n"]?.integer == number)
                #expect(message["seq"]?.integer == number - 1 && message["sub"]?.string == "s1")
            }
        }
    }

    @Test func statusIsAnsweredOnTheControlSocketOnly() async throws {
        try await LiveServer.run { server in
            let reader = try server.client()
            try reader.subscribe(SubscriptionOptions())
            let report = try server.controlClient().status()
            #expect(report.capturedSamples == 16_000 && report.readers == 1 && report.clients == 2)
            let error = try #require(throws: ClientError.self) { try reader.status() }
            guard case .refused(let code, _, let hint) = error else { throw error }
            #expect(code == "unknown_verb" && hint?.contains("control socket") == true)
        }
    }
}
