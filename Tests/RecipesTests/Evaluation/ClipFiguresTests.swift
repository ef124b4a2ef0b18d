// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation
import Recipes
import TestSupport
import Testing

struct ClipFiguresTests {
    @Test func withheldAnswersAreTheLeastConfident() {
        // Right at .9, .8 and .7, wrong at .6 and below.
        let risk = RiskCoverage(
            confidences: [0.5, 0.9, 0.6, 0.8, 0.7],
            isRight: [false, true, false, true, true]
        )
        #expect(risk.errors == [0.4, 0.25, 0, 0, 0])
        #expect(abs(risk.area - (0 + 0 + 0 + 0.25 + 0.4) / 5) < 1e-12)
        #expect(RiskCoverage(confidences: [], isRight: []).area == 0)
    }

    /// Confidences as a model of seven classes has them, right as often as `honesty` times the confidence says.
    private func calibration(of count: Int, honesty: Double) -> PooledCalibration {
        var random = SeededRandom(seed: 3)
        let confidences = (0..<count).map { _ in Double.random(in: 0.2...0.95, using: &random) }
        let isRight = confidences.map { Double.random(in: 0..<1, using: &random) < honesty * $0 }
        return PooledCalibration(confidences: confidences, isRight: isRight)
    }

    @Test func aPerfectModelShowsTheErrorThatItIsExpectedToShow() {
        let (few, many) = (calibration(of: 300, honesty: 1), calibration(of: 6000, honesty: 1))
        #expect(few.error < few.perfectHigh && many.error < many.perfectHigh)
        #expect((0.05...0.09).contains(few.perfectError), "300 clips: \(few.perfectError)")
        #expect(many.perfectError < few.perfectError / 3, "6000 clips: \(many.perfectError)")
        #expect(many.bins.map(\.count).reduce(0, +) == 6000)
    }

    @Test func aBoastfulModelIsToldFromChance() {
        let boastful = calibration(of: 1400, honesty: 0.8)
        #expect(boastful.error > boastful.perfectHigh)
        #expect(abs(boastful.error - 0.2 * 0.575) < 0.03)
    }

    @Test func noClipsHaveNoError() {
        let none = PooledCalibration(confidences: [], isRight: [])
        #expect(none.error == 0 && none.perfectError == 0 && none.clips == 0)
    }
}

/// Six speakers in three folds; a read-out that answers by what it is given.
struct VoiceTestTests {
    /// Speakers a to f; each has two clips of each class, the second speaker of each pair is a man, f is a child.
    private func clips() throws -> [Clip] {
        let folder = FileManager.default.temporaryDirectory.appending(path: "voices-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var lines = ["path,speaker,sex,label,duration_s,age"]
        for (speaker, sex, age) in [
            ("a", "F", 20), ("b", "M", 30), ("c", "F", 20), ("d", "M", 64), ("e", "F", 20), ("f", "M", 9),
        ] {
            for label in ["neutral", "happy", "sad"] {
                for take in 0..<2 {
                    lines.append("\(speaker)-\(label)-\(take).wav,\(speaker),\(sex),\(label),1,\(age)")
                }
            }
        }
        try lines.joined(separator: "\n").write(
            to: folder.appending(path: "manifest.csv"),
            atomically: true,
            encoding: .utf8
        )
        return try Manifest(folder: folder).clips
    }

    /// Right if at least three earlier utterances are known, else always neutral with a lower confidence.
    private func readOut(_ clips: [Clip]) -> VoiceTest.ReadOut {
        { clip, earlier in
            let isKnown = earlier.count >= 3
            let answer = isKnown ? clips[clip].emotion?.rawValue ?? 0 : 0
            return (0..<7).map { $0 == answer ? (isKnown ? 0.94 : 0.4) : (isKnown ? 0.01 : 0.1) }
        }
    }

    @Test func everyConditionIsJudgedOnTheTestedClipsAlone() throws {
        let clips = try clips()
        let folds = [0..<12, 12..<24, 24..<36].map(Array.init)
        let reports = VoiceTest(clips, folds: folds).report { _ in readOut(clips) }
        #expect(reports.map(\.condition) == VoiceCondition.all)
        #expect(reports.allSatisfy { $0.folds.map(\.clipCount) == [12, 12, 12] })
        #expect(reports.allSatisfy { $0.figures.confusion.clipCount == 36 })
        let unknown = reports[0].figures
        #expect(abs(unknown.confusion.unweightedAverageRecall - 1.0 / 3) < 1e-12 && reports[0].meanCount == 0)
        let mixed = try #require(reports.first { $0.condition == VoiceCondition(.mixed, 20) })
        #expect(mixed.figures.confusion.unweightedAverageRecall == 1 && mixed.leastCount == 5)
        // Two clips of each emotion, the tested one may be among them.
        let one = try #require(reports.first { $0.condition == VoiceCondition(.oneEmotion, 20) })
        #expect(one.leastCount <= 2 && one.meanCount <= 2 && one.figures.confusion == unknown.confusion)
    }

    @Test func sexesAndAgesAreJudgedApart() throws {
        let clips = try clips()
        let figures = VoiceTest(clips, folds: [Array(0..<36)]).report { _ in readOut(clips) }[0].figures
        #expect(figures.bySex.mapValues(\.clipCount) == ["F": 18, "M": 18])
        #expect(
            figures.byAge.mapValues(\.clipCount) == ["00-12": 6, "18-29": 18, "30-44": 6, "60 and over": 6]
        )
    }

    @Test func answersAmongTheClassesOfTheCorpusAloneAreGivenToo() throws {
        let clips = try clips()
        // Surprised, which the corpus lacks, is always first and the truth second.
        let rows = clips.map { clip in
            (0..<7).map { $0 == 6 ? 0.5 : $0 == clip.emotion?.rawValue ? 0.4 : 0.02 }
        }
        let figures = JudgedClips(clips, probabilities: rows).figures()
        #expect(figures.confusion.unweightedAverageRecall == 0)
        #expect(figures.sharedClasses.unweightedAverageRecall == 1)
        #expect(figures.calibration.clips == 36 && abs(figures.calibration.error - 0.5) < 1e-12)
    }

    @Test func aClipWithoutALabelIsAMissOfNoConfidence() throws {
        let clips = try clips()
        let figures = JudgedClips(clips, probabilities: clips.map { _ in [] }).figures()
        #expect(figures.confusion.unnamed.reduce(0, +) == 36 && figures.calibration.clips == 0)
        #expect(figures.risk.errors == [1, 1, 1, 1, 1])
    }
}
