// SPDX-License-Identifier: Apache-2.0
import AudioFiles
import Corpora
import Foundation
import SpeechFeatures
import TestSupport
import Testing

struct SpeedChangeTests {
    private let marker = SpeechMarker(
        onsetDecibels: 28,
        offsetDecibels: 34,
        floorMarginDecibels: 8,
        fillSeconds: 0.25,
        minimumSeconds: 0.06
    )

    private func augmentation(_ factor: [Double], probability: Double = 1) -> Augmentation {
        Augmentation(
            speed: SpeedChange(probability: probability, factor: factor),
            roomProbability: 0,
            roomSeconds: [0.3, 0.3],
            directDecibels: [3, 3],
            noiseProbability: 0,
            noiseDecibels: [10, 10],
            gainDecibels: [0, 0]
        )
    }

    private func changed(_ samples: [Float], _ augmentation: Augmentation, seed: UInt64 = 1) throws -> [Float]
    {
        var random = SplitMix64(seed: seed)
        return try augmentation.changeVoice(samples, sampleRate: 16_000, using: &random)
    }

    /// Median pitch of the voiced frames, in octaves, from the daemon's tracker.
    private func pitch(of samples: [Float]) throws -> Float {
        let set = FeatureSet.standard
        let rows = try OnlineFeatures.forward(samples, set: set)
        let octaves = stride(from: 0, to: rows.count, by: set.featureCount).compactMap { start -> Float? in
            rows[start + set.index(of: .voicing)] > 0.8 ? rows[start + set.index(of: .pitch)] : nil
        }
        return octaves.sorted()[octaves.count / 2]
    }

    @Test(arguments: Fixtures.speech, [0.9, 1.1])
    func pitchAndTempoFollowTheFactor(file: URL, factor: Double) throws {
        let speech = try AudioClip(path: file.path).samples
        let voice = try changed(speech, augmentation([factor, factor]))
        #expect(abs(Double(voice.count) - Double(speech.count) / factor) <= 1)
        let octaves = try Double(pitch(of: voice) - pitch(of: speech))
        #expect(abs(octaves - log2(factor)) < 0.03)
    }

    @Test(arguments: Fixtures.speech, [0.9, 1.1])
    func theSpeechMarksFollowTheSpeed(file: URL, factor: Double) throws {
        let speech = try AudioClip(path: file.path).samples
        let marks = marker.mark(speech, hop: 160, sampleRate: 16_000)
        let voice = try changed(speech, augmentation([factor, factor]))
        let changedMarks = marker.mark(voice, hop: 160, sampleRate: 16_000)
        let alike = changedMarks.indices.count { index in
            changedMarks[index] == marks[min(marks.count - 1, Int(Double(index) * factor))]
        }
        #expect(Double(alike) / Double(changedMarks.count) > 0.97)
    }

    @Test func theFactorIsDrawnFromTheRangeAndTheSameForTheSameSeed() throws {
        let second = Array(repeating: Float(0.1), count: 16_000)
        let counts = try (0..<40).map { try changed(second, augmentation([0.9, 1.1]), seed: $0).count }
        #expect(counts.allSatisfy { (14_545...17_778).contains($0) })
        #expect(counts.contains { $0 < 15_500 } && counts.contains { $0 > 16_500 })
        #expect(try counts == (0..<40).map { try changed(second, augmentation([0.9, 1.1]), seed: $0).count })
    }

    @Test func onlyTheGivenShareOfClipsIsChanged() throws {
        let clip = Array(repeating: Float(0.1), count: 1_000)
        let same = try (0..<400).count {
            try changed(clip, augmentation([1.1, 1.1], probability: 0.25), seed: UInt64($0)) == clip
        }
        #expect((260...340).contains(same))
    }

    @Test(arguments: [
        (SpeedChange(probability: 2, factor: [1, 1]), "speed.probability must be between 0 and 1"),
        (
            SpeedChange(probability: 1, factor: [1.1, 0.9]),
            "speed.factor must be two numbers, lowest and highest"
        ),
        (SpeedChange(probability: 1, factor: [0.1, 1]), "speed.factor must be between 0.5 and 2"),
    ])
    func invalidNumbersAreErrors(speed: SpeedChange, problem: String) {
        let augmentation = Augmentation(
            speed: speed,
            roomProbability: 0,
            roomSeconds: [0.3, 0.3],
            directDecibels: [3, 3],
            noiseProbability: 0,
            noiseDecibels: [10, 10],
            gainDecibels: [0, 0]
        )
        #expect(augmentation.problem == problem)
    }
}
