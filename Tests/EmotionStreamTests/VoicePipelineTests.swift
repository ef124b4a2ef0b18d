// SPDX-License-Identifier: Apache-2.0
import AudioFiles
import EmotionEvents
import EmotionStream
import Foundation
import TestSupport
import Testing

/// Voices and windows on the whole path from samples to estimates, with real speech.
@Suite struct VoicePipelineTests {
    private func samples(_ index: Int) throws -> [Float] {
        try AudioClip(path: Fixtures.speech[index].path).samples + [Float](repeating: 0, count: 16_000)
    }

    // A macro cannot inspect a noncopyable value.
    private func expectWiped(_ pipeline: borrowing EmotionPipeline, _ expected: Bool) {
        let isWiped = pipeline.hasWipedVoices
        #expect(isWiped == expected)
    }

    private func settings(_ change: (inout StreamSettings) -> Void) -> StreamSettings {
        var settings = StreamSettings()
        change(&settings)
        return settings
    }

    /// All estimates of utterances, the final ones last in each.
    private func estimates(
        _ pipeline: inout EmotionPipeline,
        _ samples: [Float],
        cut: Cut = .every(1600)
    ) -> [Estimate] {
        var found: [Estimate] = []
        for range in cut.ranges(of: samples.count) {
            pipeline.step(samples.span.extracting(range)) { event in
                switch event {
                case .estimate(let estimate) where estimate.utterance != nil: found.append(estimate)
                case .utteranceEnded(_, _, let final): found.append(final)
                default: break
                }
            }
        }
        return found
    }

    private func numbers(_ estimates: some Sequence<Estimate>) -> [[Float]] {
        estimates.map { e in (0..<e.probabilities.count).map { e.probabilities[$0] } + [e.voiceSeconds] }
    }

    @Test func theSecondUtteranceOfAVoiceIsComparedWithTheFirst() throws {
        var pipeline = EmotionPipeline(try VoiceModel.credulous.get())
        let first = estimates(&pipeline, try samples(0))
        let heard = try #require(first.last).heardMilliseconds
        #expect(first.allSatisfy { $0.voiceSeconds == 0 })
        let second = estimates(&pipeline, try samples(1))
        #expect(try #require(second.last).isFinal && second.last?.voiceSeconds == Float(heard) / 1000)
        for estimate in second {
            let isKnown = estimate.heardMilliseconds >= VoiceSettings().minimumHeardMilliseconds
            #expect(estimate.voiceSeconds == (isKnown ? Float(heard) / 1000 : 0))
        }
        var alone = EmotionPipeline(try VoiceModel.credulous.get())
        alone.step([Float](repeating: 0, count: 1600).span) { _ in }
        expectWiped(pipeline, false)
        expectWiped(alone, true)
    }

    @Test func withTheBaselineOffTheModelIsThatOfThePopulation() throws {
        let off = settings { $0.voiceBaseline = false }
        var pipeline = EmotionPipeline(try VoiceModel.credulous.get(), settings: off)
        var plain = EmotionPipeline(try VoiceModel.make(nil))
        for index in [0, 1, 2] {
            let found = numbers(estimates(&pipeline, try samples(index)))
            #expect(try found == numbers(estimates(&plain, samples(index))) && !found.isEmpty)
        }
        expectWiped(pipeline, true)
        expectWiped(plain, true)
    }

    @Test func theSameSpeechInAnyCutGivesTheSameEstimates() throws {
        let model = try VoiceModel.credulous.get()
        let sound = try samples(0) + samples(2)
        var pipeline = EmotionPipeline(model)
        let whole = numbers(estimates(&pipeline, sound, cut: .every(sound.count)))
        for cut in Cut.all(hop: 160) {
            var pipeline = EmotionPipeline(model)
            #expect(numbers(estimates(&pipeline, sound, cut: cut)) == whole, "\(cut)")
        }
        pipeline.reset()
        #expect(numbers(estimates(&pipeline, sound)) == whole, "a reset pipeline is a new one")
    }

    @Test func resetAndBreaksWipeTheVoicesAndALossKeepsThem() throws {
        var pipeline = EmotionPipeline(try VoiceModel.credulous.get())
        func speak() throws { _ = estimates(&pipeline, try samples(0)) }
        try speak()
        pipeline.breakOff(keepingVoices: true) { _ in }
        expectWiped(pipeline, false)
        pipeline.forgetVoices()
        expectWiped(pipeline, true)
        try speak()
        pipeline.breakOff { _ in }
        expectWiped(pipeline, true)
        try speak()
        pipeline.reset()
        expectWiped(pipeline, true)
    }

    @Test(.enabled(if: canCountAllocations)) func aStepWithVoicesAllocatesNothing() throws {
        let (first, second) = (try samples(0), try samples(1))
        var pipeline = EmotionPipeline(try VoiceModel.credulous.get(), reportsLevels: true)
        pipeline.step(first.span) { _ in }
        let count = allocations {
            pipeline.step(second.span) { _ in }
            pipeline.step(first.span) { _ in }
            pipeline.breakOff { _ in }
        }
        #expect(count == 0)
    }

    @Test func aModelNamesItsVoiceSettings() throws {
        #expect(try VoiceModel.model.get().voice == VoiceSettings())
        #expect(try PipelineTests.model.get().makeVoiceBaselines() != nil, "the shipped model has a baseline")
    }

    @Test(arguments: [0, 1000, 2000])
    func anInterimEstimateDescribesItsWindowAndTheFinalOneTheUtterance(_ window: Int) throws {
        let shifting = settings { $0.windowMilliseconds = window }
        for model in [try PipelineTests.model.get(), try VoiceModel.model.get()] {
            var pipeline = EmotionPipeline(model, settings: shifting)
            let found = estimates(&pipeline, try samples(0))
            let start = try #require(found.last).startSample
            for estimate in found {
                let from = estimate.endSample - Int64(window) * 16
                #expect(estimate.startSample == (estimate.isFinal || window == 0 ? start : max(start, from)))
            }
        }
    }

    @Test func aWindowLongerThanTheUtteranceChangesNothing() throws {
        for model in [try PipelineTests.model.get(), try VoiceModel.model.get()] {
            func found(_ window: Int) throws -> [Estimate] {
                var pipeline = EmotionPipeline(model, settings: settings { $0.windowMilliseconds = window })
                return estimates(&pipeline, try samples(0))
            }
            let (whole, long, short) = (try found(0), try found(10_000), try found(800))
            #expect(numbers(whole) == numbers(long))
            #expect(numbers(short) != numbers(whole) && numbers(short.suffix(1)) == numbers(whole.suffix(1)))
            #expect(numbers(short.prefix(2)) == numbers(whole.prefix(2)), "nothing has left it yet")
        }
    }

    @Test func aShortWindowFollowsAChangeWithinAnUtteranceSooner() throws {
        // Two recordings without the pause between them: one utterance.
        let clips = try [0, 2].map { try AudioClip(path: Fixtures.speech[$0].path).samples }
        func loud(_ samples: [Float]) -> [Float] {
            let first = samples.firstIndex { abs($0) > 0.05 } ?? 0
            let last = samples.lastIndex { abs($0) > 0.05 } ?? samples.count - 1
            return Array(samples[first...last])
        }
        let sound = clips.flatMap(loud)
        func distance(_ window: Int) throws -> Float {
            let model = try PipelineTests.model.get()
            var alone = EmotionPipeline(model)
            let second = try #require(
                estimates(&alone, loud(clips[1]) + [Float](repeating: 0, count: 16_000)).last
            )
            var pipeline = EmotionPipeline(model, settings: settings { $0.windowMilliseconds = window })
            let last = try #require(estimates(&pipeline, sound).last { !$0.isFinal })
            return (0..<7).reduce(0) { $0 + abs(last.probabilities[$1] - second.probabilities[$1]) }
        }
        #expect(try distance(1000) < distance(0))
    }
}
