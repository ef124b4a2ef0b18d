// SPDX-License-Identifier: Apache-2.0
import AudioFiles
import EmotionEvents
import EmotionStream
import Foundation
import SpeechFeatures
import TestSupport
import Testing

@Suite struct SoundMeterTests {
    private func sine(_ amplitude: Float) -> [Float] { (0..<160).map { amplitude * sin(Float($0) * 0.3927) } }

    private func hear(_ hop: [Float], _ meter: inout SoundMeter) {
        meter.step(hop.span, filtered: hop.span)
    }

    @Test func aFullScaleSineIsThreeDecibelsDown() {
        var meter = SoundMeter()
        hear(sine(1), &meter)
        #expect(abs(meter.levelDecibels + 3.01) < 0.1)
    }

    @Test func digitalSilenceHasAFiniteLevel() {
        var meter = SoundMeter()
        hear([Float](repeating: 0, count: 160), &meter)
        #expect(meter.levelDecibels == -120)
    }

    /// The final signal-to-noise ratio of a recording in faint noise, of which every loud hop counts as speech.
    private func ratio(_ samples: [Float]) -> Float {
        var meter = SoundMeter()
        var highPass = HighPass(.standard)
        var filtered = [Float](repeating: 0, count: 160)
        for start in stride(from: 0, to: samples.count - 160, by: 160) {
            let hop = samples.span.extracting(start..<start + 160)
            highPass.step(hop, into: &filtered)
            meter.step(hop, filtered: filtered.span)
            if start >= 16_000 && meter.levelDecibels > -45 { meter.heardSpeech() }
        }
        return meter.signalToNoiseDecibels
    }

    @Test(arguments: Undertow.allCases) func rumbleUnderTheVoiceIsNotNoise(_ undertow: Undertow) throws {
        var random = SeededRandom(seed: 5)
        let speech = try AudioClip(path: Fixtures.speech[0].path).samples
        let clean = ([Float](repeating: 0, count: 32_000) + speech).map {
            $0 + Float.random(in: -1e-3...1e-3, using: &random)
        }
        #expect(ratio(clean) > 30)
        #expect(abs(ratio(undertow.added(to: clean)) - ratio(clean)) < 0.5)
    }

    @Test func theRecentLevelRisesWithAVowelAndFallsSlowly() {
        var meter = SoundMeter()
        for _ in 0..<20 { hear(sine(0.1), &meter) }
        #expect(abs(meter.recentDecibels + 23) < 0.2)
        for _ in 0..<20 { hear(sine(0), &meter) }
        #expect(abs(meter.recentDecibels + 27) < 0.5)
        hear(sine(1), &meter)
        #expect(meter.recentDecibels < -9, "a click is not loud yet")
    }

    @Test func speechOverNoiseGivesTheirRatio() {
        var meter = SoundMeter()
        for _ in 0..<100 { hear(sine(0.01), &meter) }
        meter.beginUtterance()
        for _ in 0..<50 {
            hear(sine(0.1), &meter)
            meter.heardSpeech()
        }
        #expect(abs(meter.signalToNoiseDecibels - 20) < 1.5)
    }

    @Test func fullScaleSamplesAreCounted() {
        var meter = SoundMeter()
        meter.beginUtterance()
        hear([Float](repeating: 1, count: 16) + [Float](repeating: 0, count: 144), &meter)
        #expect(meter.clippedInHop == 16 && abs(meter.clippedShare - 0.1) < 1e-6)
        #expect(meter.quality.isClipping)
    }

    @Test(.enabled(if: canCountAllocations)) func aHopAllocatesNothing() {
        var meter = SoundMeter()
        let hop = sine(0.5)
        let count = allocations { for _ in 0..<1000 { meter.step(hop.span, filtered: hop.span) } }
        #expect(count == 0)
    }
}
