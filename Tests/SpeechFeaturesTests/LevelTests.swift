// SPDX-License-Identifier: Apache-2.0
import Foundation
import SpeechFeatures
import TestSupport
import Testing

/// The running level: updated only by speech.
@Suite struct LevelTests {
    private let set = FeatureSet.standard

    /// Feature frames, one array each.
    private func frames(_ samples: [Float]) throws -> [[Float]] {
        let rows = try OnlineFeatures.forward(samples)
        return stride(from: 0, to: rows.count, by: set.featureCount).map {
            Array(rows[$0..<$0 + set.featureCount])
        }
    }

    private func speech(_ frame: [Float]) -> Float { frame[set.index(of: .speech)] }

    /// Largest difference of the mel values in speech frames of `a`, after `heard` frames of speech.
    private func distance(_ a: [[Float]], _ b: [[Float]], after heard: Float) -> Float {
        var weight: Float = 0
        var worst: Float = 0
        for (x, y) in zip(a, b) {
            weight += speech(x)
            guard weight > heard && speech(x) > 0.5 else { continue }
            worst = (0..<set.spectrum.bandCount).map { abs(x[$0] - y[$0]) }.reduce(worst, max)
        }
        return worst
    }

    enum Lead: String, CaseIterable {
        case digitalSilence, faintHiss, hiss

        func samples(seconds: Double) -> [Float] {
            switch self {
            case .digitalSilence: SpeechFeaturesTests.digitalSilence(seconds: seconds)
            case .faintHiss: noise(seconds: seconds, decibels: -90)
            case .hiss: noise(seconds: seconds, decibels: -75)
            }
        }
    }

    /// The bound, in units of 4.3 dB, holds after a fifth of a second of speech and after a second of it.
    @Test(arguments: Golden.voices, Lead.allCases)
    func earlierSoundDoesNotChangeSpeechFrames(voice: String, lead: Lead) throws {
        let clip = try Golden.samples(voice)
        let alone = try frames(clip)
        for seconds in [1.0, 10.0] {
            let led = Array(try frames(lead.samples(seconds: seconds) + clip).dropFirst(Int(seconds * 100)))
            #expect(distance(alone, led, after: 20) < 0.3, "\(seconds) s")
            #expect(distance(alone, led, after: 100) < 0.25, "\(seconds) s")
        }
    }

    @Test(arguments: Golden.voices, [0.1, 0.5, 2, 4] as [Float])
    func theMicrophonesGainChangesNothing(voice: String, gain: Float) throws {
        let clip = try Golden.samples(voice)
        let louder = clip.map { $0 * gain }
        #expect(distance(try frames(clip), try frames(louder), after: 0) < 0.06)
    }

    @Test func aLongPauseDoesNotChangeTheLevel() throws {
        let clip = try Golden.samples("happy")
        let pause = noise(seconds: 60, decibels: -75)
        let after = Array(try frames(clip + pause + clip).dropFirst((clip.count + pause.count) / 160))
        let again = Array(try frames(clip + clip).dropFirst(clip.count / 160))
        #expect(distance(again, after, after: 0) < 0.3)
    }

    @Test(arguments: [0.1, 4] as [Float]) func aSoftOrLoudSpeakerIsFollowed(gain: Float) throws {
        let clip = try Golden.samples("happy")
        let other = clip.map { $0 * gain }
        let same = Array(try frames(clip + clip + clip + clip + clip + clip).suffix(190))
        let changed = Array(try frames(clip + other + other + other + other + other).suffix(190))
        // Seven seconds of speech; the level had to fall by 4.6 (falling is slower) or rise by 2.8.
        #expect(distance(same, changed, after: 0) < (gain < 1 ? 1.3 : 0.3))
    }

    @Test func steadySoundsAreNotSpeech() throws {
        let hum = inRoom(buzz(seconds: 5) { _ in 100 })
        for sound in [hum, noise(seconds: 5, decibels: -30), noise(seconds: 5, decibels: -60)] {
            let late = try frames(sound).dropFirst(400)
            #expect(late.map(speech).max() ?? 1 < 0.01)
        }
    }

    @Test(arguments: Golden.voices) func speechIsFoundInSpeech(voice: String) throws {
        let clip = try Golden.samples(voice)
        let found = try frames(noise(seconds: 2, decibels: -75) + clip + noise(seconds: 2, decibels: -75))
        #expect(found[..<195].map(speech).reduce(0, +) < 2)
        #expect(found[200..<398].map(speech).reduce(0, +) > 100)
        // This hiss is louder than the clip's own: the floor rises only after 2.5 s.
        #expect(found[420...].map(speech).reduce(0, +) < 6)
    }

    @Test func allValuesStayWithinTheirRanges() throws {
        var random = SeededRandom(seed: 3)
        let voice = try Golden.samples("angry")
        let broken = voice.indices.map { n -> Float in
            switch n % 1_000 {
            case 0: .nan
            case 1: .infinity
            case 2: -1e30
            default: voice[n]
            }
        }
        let click = digitalSilence(seconds: 1) + [1] + digitalSilence(seconds: 1)
        let bits = (0..<40_000).map { _ in
            Float(bitPattern: UInt32.random(in: 0...UInt32.max, using: &random))
        }
        for signal in [broken, click, bits, digitalSilence(seconds: 1), voice.map { $0 * 1e-20 }] {
            for frame in try frames(signal) {
                #expect(frame.allSatisfy { abs($0) <= set.level.limit })
                #expect((0...1).contains(speech(frame)))
            }
        }
        let recovered = try frames(broken + voice).suffix(150)
        #expect(recovered.map(speech).reduce(0, +) > 60)
    }
}
