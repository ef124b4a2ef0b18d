// SPDX-License-Identifier: Apache-2.0
import EmotionEvents
import EmotionStream
import TestSupport
import Testing

@Suite struct SpeechGateTests {
    /// Feeds frames of 20 ms with these probabilities and lists what changed at which frame.
    private func changes(_ probabilities: [Float], _ settings: StreamSettings = .init()) -> [(
        Int, SpeechGate.Change
    )] {
        var gate = SpeechGate(settings, sampleRate: 16_000)
        return probabilities.enumerated().compactMap { index, probability in
            let start = Int64(index) * 320
            return gate.step(probability: probability, samples: start..<start + 320).map { (index, $0) }
        }
    }

    private func frames(_ milliseconds: Int, _ probability: Float) -> [Float] {
        Array(repeating: probability, count: milliseconds / 20)
    }

    @Test func anUtteranceBeginsWhereItsFirstSpeechBegan() {
        let seen = changes(frames(1000, 0) + frames(500, 0.9))
        #expect(seen.map(\.1) == [.candidate, .began(startSample: 16_000)])
    }

    @Test func aClickIsNoUtterance() {
        let seen = changes(frames(200, 0) + frames(100, 0.9) + frames(1000, 0))
        #expect(seen.map(\.1) == [.candidate])
    }

    @Test func aPauseBetweenWordsDoesNotEndIt() {
        let seen = changes(frames(400, 0.9) + frames(500, 0) + frames(400, 0.9))
        #expect(seen.map(\.1) == [.candidate, .began(startSample: 0)])
    }

    @Test func itEndsWhereItsLastSpeechEnded() {
        let seen = changes(frames(400, 0.9) + frames(800, 0))
        #expect(seen.last?.1 == .ended(endSample: 6400))
    }

    @Test func aProbabilityBetweenTheThresholdsKeepsTheState() {
        #expect(changes(frames(2000, 0.5)).isEmpty, "0.5 does not begin an utterance")
        #expect(changes(frames(400, 0.9) + frames(2000, 0.5)).count == 2, "nor does it end one")
    }

    @Test func aVeryLongUtteranceIsCut() {
        let seen = changes(frames(45_000, 0.9))
        let ends = seen.filter { if case .ended = $0.1 { true } else { false } }
        #expect(ends.count == 2)
    }

    private func settings(_ change: (inout StreamSettings) -> Void) -> StreamSettings {
        var settings = StreamSettings()
        change(&settings)
        return settings
    }

    @Test func anUtteranceIsAsLongAsTheSettingAllows() {
        let short = settings { $0.maximumUtteranceMilliseconds = 5_000 }
        let seen = changes(frames(21_000, 0.9), short)
        #expect(seen.count { if case .ended = $0.1 { true } else { false } } == 4)
    }

    @Test func speechMustBeAsLikelyAndAsLongAsTheSettingsSay() {
        let strict = settings { $0.setSpeechThreshold(0.9) }
        #expect(changes(frames(1000, 0.8), strict).isEmpty)
        #expect(changes(frames(1000, 0.95), strict).count == 2)
        #expect(abs(strict.offsetProbability - 0.6) < 1e-6)
        let patient = settings { $0.minimumSpeechMilliseconds = 1_000 }
        #expect(changes(frames(900, 0.9) + frames(900, 0), patient).map(\.1) == [.candidate])
    }

    @Test func impossibleSettingsAreRefusedInOneSentence() {
        #expect(settings { $0.minimumLevelDecibels = 1 }.problem?.contains("minimum_level_db") == true)
        #expect(settings { $0.minimumLevelDecibels = .nan }.problem != nil)
        #expect(settings { $0.setSpeechThreshold(0.05) }.problem == nil)
        #expect(settings { $0.maximumUtteranceMilliseconds = 10 }.problem?.contains("maximum_utt") == true)
    }

    @Test func theEndOfTheInputEndsTheUtterance() {
        var gate = SpeechGate(.init(), sampleRate: 16_000)
        for index in 0..<20 {
            _ = gate.step(probability: 1, samples: Int64(index) * 320..<Int64(index + 1) * 320)
        }
        #expect(gate.finish(at: 6400) == .ended(endSample: 6400))
        #expect(gate.finish(at: 6400) == nil)
    }

    @Test func everyUtteranceEndsOnceAndAfterItsStart() {
        var random = SeededRandom(seed: 3)
        for _ in 0..<200 {
            var gate = SpeechGate(.init(), sampleRate: 16_000)
            var open: Int64?
            var probability: Float = 0
            for index in 0..<500 {
                if Int.random(in: 0..<15, using: &random) == 0 {
                    probability = .random(in: 0...1, using: &random)
                }
                let start = Int64(index) * 320
                switch gate.step(probability: probability, samples: start..<start + 320) {
                case .began(let sample):
                    #expect(open == nil)
                    open = sample
                case .ended(let sample):
                    #expect(open.map { $0 < sample } == true)
                    open = nil
                default: break
                }
                #expect(gate.isInUtterance == (open != nil))
            }
        }
    }
}
