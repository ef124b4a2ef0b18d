// SPDX-License-Identifier: Apache-2.0
import LiveListening
import Testing

@Suite struct VitalityTests {
    private typealias Signs = Vitality.Signs

    @Test func aDaemonThatHearsAndAnswersIsWell() {
        #expect(isHealthy(turns: 20, handled: 16_000, waiting: 0, beats: 2))
    }

    @Test func aDaemonWithoutSoundIsWell() {
        #expect(isHealthy(turns: 20, handled: 1_000, waiting: 0, beats: 2))
    }

    @Test func anInferenceThreadThatStandsIsNotWell() {
        #expect(!isHealthy(turns: 10, handled: 1_000, waiting: 0, beats: 2))
    }

    @Test func soundThatWaitsAndIsNotHeardIsNotWell() {
        #expect(!isHealthy(turns: 20, handled: 1_000, waiting: 320, beats: 2))
    }

    @Test func aSocketThreadThatDoesNotAnswerIsNotWell() {
        #expect(!isHealthy(turns: 20, handled: 16_000, waiting: 0, beats: 1))
    }

    /// What a second look says, after a first one with 10 turns, 1,000 samples handled and one beat.
    private func isHealthy(turns: UInt64, handled: Int64, waiting: Int64, beats: UInt64) -> Bool {
        var vitality = Vitality()
        let first = vitality.isHealthy(
            Signs(turns: 10, handledSamples: 1_000, waitingSamples: waiting, beats: 1)
        )
        let second = Signs(turns: turns, handledSamples: handled, waitingSamples: waiting, beats: beats)
        return first && vitality.isHealthy(second)
    }
}
