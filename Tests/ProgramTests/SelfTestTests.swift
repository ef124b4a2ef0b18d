// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// `undertone selftest`: the whole path without a microphone.
@Suite struct SelfTestTests {
    @Test func everyPartPassesAndTheLatencyIsMeasured() async throws {
        let outcome = try await Program.undertone.run(["selftest", "--json", "--seconds", "4"])
        #expect(outcome.status == 0, "\(outcome.testDescription)")
        let objects = try outcome.objects()
        let verdicts = objects.compactMap { object in
            (object["check"] as? String).map { ($0, object["verdict"] as? String ?? "") }
        }
        #expect(verdicts.map(\.0) == ["streaming", "network", "speed", "losses", "wire", "latency"])
        for (check, verdict) in verdicts where check != "latency" { #expect(verdict == "ok", "\(check)") }
        let latency = try #require(objects.first { $0["type"] as? String == "latency" })
        let bins = try #require(latency["below_ms"] as? [String: Int])
        #expect(bins.values.reduce(0, +) == latency["lines"] as? Int && latency["lines"] as? Int == 200)
        #expect(try #require(latency["p50_ms"] as? Double) <= #require(latency["max_ms"] as? Double))
    }

    @Test func itLeavesNothingBehind() async throws {
        let running = try Program.undertone.start(["selftest", "--seconds", "2"])
        let outcome = await running.outcome()
        #expect(outcome.status == 0 && outcome.output.contains("< "), "\(outcome.testDescription)")
        let names = try FileManager.default.contentsOfDirectory(atPath: "/tmp")
        #expect(!names.contains { $0.hasPrefix("undertone-selftest-\(running.identifier)-") })
    }

    @Test func anInvalidModelEndsWithFive() async throws {
        let outcome = try await Program.undertone.run(["selftest", "--model", "/nonexistent"])
        #expect(outcome.status == 5 && outcome.output.isEmpty, "\(outcome.testDescription)")
    }
}
