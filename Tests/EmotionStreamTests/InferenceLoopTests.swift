// SPDX-License-Identifier: Apache-2.0
import EmotionEvents
import EmotionStream
import Foundation
import SampleRing
import TestSupport
import Testing

/// The inference thread with a ring that the test fills and a device that the test plays.
@Suite struct InferenceLoopTests {
    @Test func aBacklogIsSkippedAndReported() throws {
        let stage = try Stage()
        stage.push(seconds: 3.5)
        let events = stage.run { stage.isDrained }
        let told = losses(events)
        #expect(told == [.stale: 56_000 - 4_000])
        #expect(stage.progress.consumedSamples == 4_000 && stage.progress.skippedSamples == 52_000)
    }

    @Test func audioThatArrivedTooLateIsSkippedCompletely() throws {
        let stage = try Stage()
        stage.report { $0.lateness = 40_000 }
        stage.push(seconds: 0.5)
        let events = stage.run { stage.isDrained }
        #expect(losses(events) == [.stale: 8_000] && stage.progress.consumedSamples == 0)
    }

    @Test func aSourceThatWaitsIsNeverStale() throws {
        let stage = try Stage()
        stage.report { $0.isLive = false }
        stage.push(seconds: 3.5)
        let events = stage.run { stage.isDrained }
        #expect(losses(events).isEmpty && stage.progress.consumedSamples == 56_000)
    }

    @Test(arguments: [CaptureCondition.muted, .idle])
    func waitingAudioIsDiscardedWhileMutedOrIdle(condition: CaptureCondition) throws {
        let stage = try Stage()
        stage.push(seconds: 1)
        stage.report { $0.condition = condition }
        let events = stage.run { stage.isDrained }
        #expect(losses(events) == [.muted: 16_000] && stage.progress.consumedSamples == 0)
    }

    @Test(arguments: [CaptureCondition.lost, .stalled, .suspended, .muted])
    func aBreakEndsTheUtteranceWithItsFinalEstimate(condition: CaptureCondition) throws {
        let stage = try Stage()
        try stage.push(speechSeconds: 1.6)
        let events = stage.run {
            if stage.isDrained { stage.report { $0.condition = condition } }
            return stage.hasEnded
        }
        let ends = events.compactMap { event -> Estimate? in
            if case .utteranceEnded(_, _, let final) = event { final } else { nil }
        }
        #expect(ends.count == 1 && ends.first?.isFinal == true)
        #expect(ends.first.map { $0.endSample <= 25_600 } == true)
    }

    @Test func aResetForgetsAndTheClockGoesOn() throws {
        let stage = try Stage()
        try stage.push(speechSeconds: 1.6)
        var isReset = false
        let events = stage.run {
            guard stage.isDrained else { return false }
            if !isReset {
                isReset = true
                stage.orders.reset()
                return false
            }
            return stage.hasEnded
        }
        #expect(events.contains { if case .utteranceEnded = $0 { true } else { false } })
        #expect(losses(events).isEmpty)
    }

    @Test func anotherModelTakesOverInOrderAndTheNumbersGoOn() throws {
        let stage = try Stage()
        try stage.push(speechSeconds: 1.5)
        var isReplaced = false
        let model = try PipelineTests.model.get()
        let events = stage.run {
            guard stage.isDrained else { return false }
            if !isReplaced {
                isReplaced = true
                stage.orders.replacePipeline(with: EmotionPipeline(model), generation: 7)
                stage.push(seconds: 1)
                return false
            }
            return stage.progress.consumedSamples == 40_000
        }
        let change = try #require(
            events.firstIndex { if case .reloaded(let generation) = $0 { generation == 7 } else { false } }
        )
        let sequence = events.compactMap(\.anyEstimate?.sequence)
        #expect(sequence == Array(0..<UInt64(sequence.count)))
        // The utterance of the old model ended with the old model.
        #expect(events[..<change].contains { if case .utteranceEnded = $0 { true } else { false } })
        let after = events[change...].compactMap(\.anyEstimate)
        #expect(after.first.map { $0.endSample > 24_000 && $0.utterance == nil } == true)
    }

    /// For any order of faults, every sample is consumed or reported as lost.
    @Test(arguments: 0..<6) func everySampleIsAccountedFor(seed: UInt64) throws {
        let stage = try Stage()
        var random = SeededRandom(seed: seed)
        var step = 0
        let events = stage.run {
            step += 1
            if step > 60 {
                stage.report { $0.condition = .open }
                return stage.isDrained
            }
            stage.push(seconds: Double.random(in: 0...0.9, using: &random))
            stage.report {
                $0.condition = CaptureCondition.allCases.randomElement(using: &random) ?? .open
                $0.lateness = Bool.random(using: &random) ? 0 : 40_000
                $0.missing += Bool.random(using: &random) ? 0 : 1_234
            }
            if Bool.random(using: &random) { stage.orders.reset() }
            return false
        }
        let told = losses(events)
        let exact = told.filter(\.key.isExact).values.reduce(0, +)
        #expect(stage.handedOver == stage.progress.consumedSamples + exact)
        #expect(told[.outage, default: 0] == stage.lastReport.missing)
    }

    private func losses(_ events: [EmotionEvent]) -> [Overrun.Cause: Int64] {
        var told: [Overrun.Cause: Int64] = [:]
        for case .overrun(let loss) in events { told[loss.cause, default: 0] += loss.sampleCount }
        return told
    }
}

extension EmotionEvent {
    fileprivate var anyEstimate: Estimate? {
        switch self {
        case .estimate(let estimate): estimate
        case .utteranceEnded(_, _, let final): final
        default: nil
        }
    }
}
