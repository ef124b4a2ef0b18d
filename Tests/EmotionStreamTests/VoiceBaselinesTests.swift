// SPDX-License-Identifier: Apache-2.0
import EmotionEncoder
import EmotionStream
import Foundation
import TestSupport
import Testing

/// Voice baselines with synthetic pooled vectors: 4 values for the speaker, 8 for the emotion.
@Suite struct VoiceBaselinesTests {
    private static let slice = 2..<6
    private static let count = 12
    private let population = VoiceStatistics(
        mean: (0..<count).map { 0.1 * Float($0) },
        deviation: (0..<count).map { 0.5 + 0.1 * Float($0) }
    )

    private func baselines(_ change: (inout VoiceSettings) -> Void = { _ in }) -> VoiceBaselines {
        var settings = VoiceSettings()
        change(&settings)
        return VoiceBaselines(settings, population: population, slice: Self.slice)
    }

    /// The pooled vector of an utterance: speakers lie along different axes of the slice.
    private func utterance(of speaker: Int, _ random: inout SeededRandom) -> [Float] {
        (0..<Self.count).map { i in
            let away: Float = Self.slice.contains(i) ? (i - Self.slice.lowerBound == speaker ? 3 : 0) : 0
            return population.mean[i] + population.deviation[i]
                * (away + .random(in: -0.5...0.5, using: &random))
        }
    }

    /// Identifies the voice of an utterance and learns it.
    private func pass(
        _ pooled: [Float],
        _ voices: inout VoiceBaselines,
        milliseconds: Int = 2000,
        at sample: Int64 = 0
    )
        -> VoiceBaselines.Match
    {
        let match = voices.match(pooled, heardMilliseconds: milliseconds)
        voices.learn(pooled, match, heardMilliseconds: milliseconds, at: sample)
        return match
    }

    @Test func anUnknownVoiceUsesThePopulation() {
        var (voices, random) = (baselines(), SeededRandom(seed: 1))
        let match = voices.match(utterance(of: 0, &random), heardMilliseconds: 2000)
        let statistics = voices.statistics(match)
        #expect(match == .new && voices.seconds(match) == 0 && statistics == nil)
    }

    @Test func statisticsShrinkFromThePopulationToTheVoice() throws {
        var (voices, random) = (
            baselines { ($0.priorMean, $0.priorDeviation) = (5, 3) }, SeededRandom(seed: 2)
        )
        let earlier = (0..<7).map { _ in utterance(of: 1, &random) }
        for pooled in earlier { _ = pass(pooled, &voices) }
        let match = voices.match(utterance(of: 1, &random), heardMilliseconds: 700)
        #expect(match == .known(0) && voices.seconds(match) == 14)
        let found = voices.statistics(match)
        let statistics = try #require(found)
        for i in 0..<Self.count {
            let values = earlier.map { Double($0[i]) }
            let mean = values.reduce(0, +) / 7
            let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 7
            let (m, s) = (Double(population.mean[i]), Double(population.deviation[i]))
            #expect(abs(Double(statistics.mean[i]) - (5 * m + 7 * mean) / 12) < 1e-5)
            #expect(
                abs(Double(statistics.deviation[i]) - ((3 * s * s + 7 * variance) / 10).squareRoot()) < 1e-5
            )
        }
    }

    @Test func twoVoicesThatAlternateKeepTheirOwnBaselines() throws {
        var (voices, random) = (baselines(), SeededRandom(seed: 3))
        for turn in 0..<20 {
            let match = pass(utterance(of: turn % 2, &random), &voices)
            #expect(match == (turn < 2 ? .new : .known(turn % 2)), "turn \(turn)")
        }
        #expect(voices.count == 2 && voices.seconds(.known(0)) == 20 && voices.seconds(.known(1)) == 20)
        let means = [0, 1].map { voices.statistics(.known($0))?.mean ?? [] }
        try #require(means.allSatisfy { $0.count == Self.count })
        #expect(means[0][2] > means[1][2] + 0.5 && means[1][3] > means[0][3] + 0.5)
    }

    @Test func anUnsureVoiceUsesThePopulationAndIsNotLearned() {
        var (voices, random) = (baselines { ($0.same, $0.other) = (0.99, -0.9) }, SeededRandom(seed: 4))
        _ = pass(utterance(of: 0, &random), &voices)
        let between = zip(utterance(of: 0, &random), utterance(of: 1, &random)).map { ($0 + $1) / 2 }
        let match = pass(between, &voices)
        let statistics = voices.statistics(match)
        #expect(match == .unsure && statistics == nil && voices.seconds(match) == 0)
        #expect(voices.count == 1 && voices.seconds(.known(0)) == 2)
    }

    @Test func tooLittleSpeechNeitherIdentifiesNorUpdatesAVoice() {
        var (voices, random) = (baselines(), SeededRandom(seed: 5))
        _ = pass(utterance(of: 0, &random), &voices)
        let early = voices.match(utterance(of: 0, &random), heardMilliseconds: 599)
        #expect(early == .unsure)
        let short = pass(utterance(of: 0, &random), &voices, milliseconds: 999)
        #expect(short == .known(0))
        #expect(voices.seconds(.known(0)) == 2)
    }

    @Test func aFifthVoiceReplacesTheOneThatSpokeTheLongestAgo() {
        var (voices, random) = (baselines { $0.mostVoices = 3 }, SeededRandom(seed: 6))
        for (turn, speaker) in [0, 1, 2, 0].enumerated() {
            _ = pass(utterance(of: speaker, &random), &voices, at: Int64(turn) * 16_000)
        }
        let fourth = pass(utterance(of: 3, &random), &voices, at: 64_000)
        #expect(fourth == .new && voices.count == 3)
        let matches = [3, 1, 0].map { voices.match(utterance(of: $0, &random), heardMilliseconds: 900) }
        #expect(matches == [.known(1), .new, .known(0)], "the second one was forgotten")
    }

    @Test func aVoiceIsForgottenAfterSomeMinutesWithoutIt() {
        var (voices, random) = (baselines { $0.forgetAfterSeconds = 600 }, SeededRandom(seed: 7))
        _ = pass(utterance(of: 0, &random), &voices, at: 0)
        _ = pass(utterance(of: 1, &random), &voices, at: 16_000 * 400)
        voices.expire(at: 16_000 * 600)
        #expect(voices.count == 2)
        voices.expire(at: 16_000 * 600 + 1)
        #expect(voices.count == 1 && voices.seconds(.known(0)) == 0 && voices.seconds(.known(1)) == 2)
        voices.expire(at: 16_000 * 1001)
        #expect(voices.isWiped)
    }

    @Test func aVoiceThatReturnsInTimeResumesItsBaseline() {
        var (voices, random) = (baselines(), SeededRandom(seed: 8))
        for minute in 0..<30 {
            let sample = Int64(minute) * 60 * 16_000
            voices.expire(at: sample)
            let match = pass(utterance(of: minute % 9 == 0 ? 1 : 0, &random), &voices, at: sample)
            #expect(minute < 2 || match != .new)
        }
        #expect(voices.seconds(.known(0)) == 8 && voices.seconds(.known(1)) == 52)
    }

    /// Every number in the arrays of a value, found by reflection.
    private func numbers(in value: Any) -> [Double] {
        if let values = value as? [Double] { return values }
        if let values = value as? [Float] { return values.map(Double.init) }
        if let value = value as? Int64 { return [Double(value)] }
        return Mirror(reflecting: value).children.flatMap { numbers(in: $0.value) }
    }

    @Test func forgettingLeavesNoNumberOfAVoiceInMemory() {
        var (voices, random) = (baselines(), SeededRandom(seed: 9))
        let before = numbers(in: voices)
        for turn in 0..<6 { _ = pass(utterance(of: turn % 3, &random), &voices, at: 77_777) }
        _ = voices.statistics(.known(2))
        #expect(!voices.isWiped && numbers(in: voices) != before)
        voices.forgetAll()
        #expect(voices.isWiped && voices.count == 0)
        #expect(numbers(in: voices) == before)
    }

    @Test func invalidNumbersAreNotLearned() {
        var voices = baselines()
        let match = voices.match([Float](repeating: .nan, count: Self.count), heardMilliseconds: 2000)
        voices.learn([Float](repeating: .nan, count: Self.count), match, heardMilliseconds: 2000, at: 0)
        #expect(voices.isWiped)
    }

    @Test(.enabled(if: canCountAllocations)) func voicesAreFollowedWithoutAllocation() {
        var (voices, random) = (baselines(), SeededRandom(seed: 10))
        let pooled = (0..<6).map { utterance(of: $0 % 4, &random) }
        _ = pass(pooled[0], &voices)
        let count = allocations {
            for vector in pooled {
                let match = voices.match(vector, heardMilliseconds: 2000)
                _ = voices.statistics(match)
                voices.learn(vector, match, heardMilliseconds: 2000, at: 16_000)
                _ = voices.statistics(.known(0))
            }
            voices.expire(at: 1 << 40)
            voices.forgetAll()
        }
        #expect(count == 0)
    }

    @Test(arguments: [
        (#"{"same": 2}"#, "at most 1"), (#"{"same": 0.3, "other": 0.5}"#, "at most same"),
        (#"{"prior_mean": -1}"#, "prior_mean"),
        (#"{"most_voices": 9}"#, "most_voices must be between 1 and 4"),
        (#"{"forget_after_s": 0}"#, "forget_after_s"), (#"{"minimum_heard_ms": -1}"#, "minimum_heard_ms"),
    ])
    func settingsOutOfRangeAreRefusedWithAReason(_ json: String, _ words: String) throws {
        let settings = try JSONDecoder().decode(VoiceSettings.self, from: Data(json.utf8))
        #expect(try #require(settings.problem).contains(words))
        #expect(throws: (any Error).self) { try VoiceModel.make(settings) }
    }

    @Test func settingsThatAreAbsentAreTheDefaults() throws {
        #expect(try JSONDecoder().decode(VoiceSettings.self, from: Data("{}".utf8)) == VoiceSettings())
        #expect(VoiceSettings().problem == nil)
    }
}
