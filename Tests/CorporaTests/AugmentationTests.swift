// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation
import TestSupport
import Testing

struct AugmentationTests {
    private func noise(_ seed: UInt64, _ count: Int) -> [Float] {
        var random = SeededRandom(seed: seed)
        return (0..<count).map { _ in Float.random(in: -0.1...0.1, using: &random) }
    }

    private func power(_ samples: some Collection<Float>) -> Double {
        samples.reduce(0) { $0 + Double($1) * Double($1) } / Double(max(1, samples.count))
    }

    private func augmentation(room: Double = 0, noise: Double = 0, gain: Double = 0, snr: Double = 10)
        -> Augmentation
    {
        Augmentation(
            roomProbability: room,
            roomSeconds: [0.3, 0.3],
            directDecibels: [3, 3],
            noiseProbability: noise,
            noiseDecibels: [snr, snr],
            gainDecibels: [gain, gain]
        )
    }

    @Test func theSameSeedGivesTheSameClip() throws {
        let clip = noise(1, 16_000)
        let bank = NoiseBank([noise(2, 5_000)])
        let vary = { (seed: UInt64) in
            var random = SplitMix64(seed: seed, name: "clip")
            return try augmentation(room: 1, noise: 1).vary(
                clip,
                speechLevel: 0.05,
                noise: bank,
                sampleRate: 16_000,
                using: &random
            )
        }
        #expect(try vary(7) == vary(7))
        #expect(try vary(7) != vary(8))
    }

    @Test(arguments: [0.0, 5, 20])
    func theNoiseHasTheDrawnRatio(snr: Double) throws {
        let clip = noise(1, 16_000)
        var random = SplitMix64(seed: 3)
        let noisy = try augmentation(noise: 1, snr: snr).vary(
            clip,
            speechLevel: Float(power(clip).squareRoot()),
            noise: NoiseBank([noise(2, 3_000)]),
            sampleRate: 16_000,
            using: &random
        )
        let added = zip(noisy, clip).map { $0 - $1 }
        #expect(abs(10 * log10(power(clip) / power(added)) - snr) < 0.2)
    }

    @Test func gainOfMinusSixDecibelsHalves() throws {
        let clip = noise(1, 100)
        var random = SplitMix64(seed: 3)
        let quiet = try augmentation(gain: -6.0206).vary(
            clip,
            speechLevel: 0.05,
            noise: nil,
            sampleRate: 16_000,
            using: &random
        )
        #expect(zip(clip, quiet).allSatisfy { abs($0 / 2 - $1) < 1e-6 })
    }

    @Test func theRoomKeepsTheDirectSoundAndDecaysBySixtyDecibels() {
        var random = SplitMix64(seed: 3)
        let room = Room(decaySeconds: 0.4, directDecibels: 0, sampleRate: 16_000, using: &random)
        let response = room.sound(of: [1] + Array(repeating: 0, count: 9_999))
        #expect(response[0] == 1)
        #expect(abs(power(response[1...]) * 9_999 - 1) < 1e-3)
        let early = power(response[1..<1_601])
        let late = power(response[4_800..<6_400])
        // 0.3 s apart in a room that falls by 60 dB in 0.4 s: 45 dB.
        #expect(abs(10 * log10(early / late) - 45) < 3)
        #expect(response[6_500...].allSatisfy { $0 == 0 })
    }

    @Test func silentRecordingsAreLeftOutOfTheNoises() {
        #expect(NoiseBank([[], [0, 0, 0], [0.5, -0.5]]).count == 1)
    }

    @Test func aReversedRangeIsAnError() {
        #expect(augmentation().problem == nil)
        let bad = Augmentation(
            roomProbability: 0,
            roomSeconds: [0.3, 0.2],
            directDecibels: [3, 3],
            noiseProbability: 0,
            noiseDecibels: [0, 1],
            gainDecibels: [0, 1]
        )
        #expect(bad.problem == "roomSeconds must be two numbers, lowest and highest")
    }
}
