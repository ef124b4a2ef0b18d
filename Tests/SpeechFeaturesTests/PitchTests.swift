// SPDX-License-Identifier: Apache-2.0
import Foundation
import SpeechFeatures
import TestSupport
import Testing

/// Rates of disagreement between a tracker and Praat.
struct PitchComparison {
    private(set) var frames = 0
    private(set) var bothVoiced = 0
    private(set) var gross = 0
    private(set) var voicingDiffers = 0

    /// Share of the frames voiced in both in which the pitch differs by more than a fifth.
    var grossError: Double { Double(gross) / Double(max(1, bothVoiced)) }
    /// Share of all frames that are voiced in only one.
    var voicingError: Double { Double(voicingDiffers) / Double(max(1, frames)) }

    mutating func add(_ hertz: [Float], praat: [Float]) {
        for (ours, theirs) in zip(hertz, praat) {
            frames += 1
            switch (ours > 0, theirs > 0) {
            case (true, true):
                bothVoiced += 1
                if abs(ours / theirs - 1) > 0.2 { gross += 1 }
            case (false, false): break
            default: voicingDiffers += 1
            }
        }
    }
}

/// The pitch of each frame in hertz, 0 where unvoiced.
func pitchHz(_ samples: [Float]) throws -> [Float] {
    let set = FeatureSet.standard
    let rows = try OnlineFeatures.forward(samples)
    return stride(from: set.index(of: .pitch), to: rows.count, by: set.featureCount).map {
        rows[$0] == 0 ? 0 : set.pitch.referenceHz * exp2(rows[$0])
    }
}

@Suite struct PitchTests {
    private let set = FeatureSet.standard

    @Test(arguments: [65, 80, 100, 140, 200, 280, 350, 430, 490] as [Double])
    func aSteadyVoiceHasItsPitchFromTheFirstTenthOfASecond(hertz: Double) throws {
        let found = try pitchHz(inRoom(buzz(seconds: 0.5) { _ in hertz }))
        for frame in found[108..<140] { #expect(abs(Double(frame) / hertz - 1) < 0.01, "\(frame) Hz") }
    }

    @Test func aGlideIsFollowedWithoutJumps() throws {
        let glide = buzz(seconds: 2) { 110 * exp2($0) }
        let found = try pitchHz(inRoom(glide))
        for frame in 110..<295 {
            // The frame ends at 25 ms + 10 ms a frame, and its pitch is that of 19 ms before.
            let truth = 110 * exp2(Double(frame) / 100 + 0.006 - 1)
            #expect(abs(Double(found[frame]) / truth - 1) < 0.03, "frame \(frame)")
        }
    }

    @Test func hissHasNoPitch() throws {
        let voiced = try pitchHz(noise(seconds: 5, decibels: -30)).filter { $0 > 0 }
        #expect(voiced.count <= 5)
    }

    @Test func relativePitchIsRelativeToTheSpeakersMean() throws {
        for hertz in [110.0, 220] {
            let rows = try OnlineFeatures.forward(inRoom(buzz(seconds: 2) { _ in hertz }))
            let last = rows.suffix(set.featureCount)
            #expect(abs(Double(last[last.startIndex + 80]) - log2(hertz / 160)) < 0.02)
            #expect(abs(last[last.startIndex + 81]) < 0.02)
            #expect(abs(last[last.startIndex + 82]) < 0.02)
        }
    }

    @Test func pitchAgreesWithPraatOnTheFixtures() throws {
        var comparison = PitchComparison()
        for (clip, praat) in try Golden.contours("pitch.json") {
            let ours = try pitchHz(try Golden.samples(String(clip.dropLast(4))))
            try #require(ours.count == praat.count)
            comparison.add(ours, praat: praat)
        }
        #expect(comparison.bothVoiced > 250)
        #expect(comparison.grossError <= 0.03, "\(comparison)")
        #expect(comparison.voicingError <= 0.12, "\(comparison)")
    }
}
