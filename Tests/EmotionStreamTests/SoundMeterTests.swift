// SPDX-License-Identifier: Apache-2.0
import EmotionEvents
import EmotionStream
import Foundation
import TestSupport
import Testing

@Suite struct SoundMeterTests {
    private func sine(_ amplitude: Float) -> [Float] { (0..<160).map { amplitude * sin(Float($0) * 0.3927) } }

    @Test func aFullScaleSineIsThreeDecibelsDown() {
        var meter = SoundMeter()
        meter.step(sine(1).span)
        #expect(abs(meter.levelDecibels + 3.01) < 0.1)
    }

    @Test func digitalSilenceHasAFiniteLevel() {
        var meter = SoundMeter()
        meter.step([Float](repeating: 0, count: 160).span)
        #expect(meter.levelDecibels == -120)
    }

    @Test func speechOverNoiseGivesTheirRatio() {
        var meter = SoundMeter()
        for _ in 0..<100 { meter.step(sine(0.01).span) }
        meter.beginUtterance()
        for _ in 0..<50 {
            meter.step(sine(0.1).span)
            meter.heardSpeech()
        }
        #expect(abs(meter.signalToNoiseDecibels - 20) < 1.5)
    }

    @Test func fullScaleSamplesAreCounted() {
        var meter = SoundMeter()
        meter.beginUtterance()
        meter.step(([Float](repeating: 1, count: 16) + [Float](repeating: 0, count: 144)).span)
        #expect(meter.clippedInHop == 16 && abs(meter.clippedShare - 0.1) < 1e-6)
        #expect(meter.quality.isClipping)
    }

    @Test(.enabled(if: canCountAllocations)) func aHopAllocatesNothing() {
        var meter = SoundMeter()
        let hop = sine(0.5)
        let count = allocations { for _ in 0..<1000 { meter.step(hop.span) } }
        #expect(count == 0)
    }
}
