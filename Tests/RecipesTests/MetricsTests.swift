// SPDX-License-Identifier: Apache-2.0
import Foundation
import Recipes
import TestSupport
import Testing

struct ConfusionMatrixTests {
    private func matrix() -> ConfusionMatrix {
        // scikit-learn 1.5 on truth [0,0,0,1,1,2] and answers [0,0,1,1,2,2]:
        // recall .6667 .5 1, precision 1 .5 .5, F1 .8 .5 .6667.
        var matrix = ConfusionMatrix(labels: ["a", "b", "c"])
        for (truth, answer) in zip([0, 0, 0, 1, 1, 2], [0, 0, 1, 1, 2, 2]) {
            matrix.add(truth: truth, answer: answer)
        }
        return matrix
    }

    @Test func figuresAgreeWithTheReference() {
        #expect(abs(matrix().unweightedAverageRecall - (2.0 / 3 + 0.5 + 1) / 3) < 1e-12)
        #expect(abs(matrix().macroF1 - (0.8 + 0.5 + 2.0 / 3) / 3) < 1e-12)
        #expect(abs(matrix().accuracy - 4.0 / 6) < 1e-12)
    }

    @Test func aClipWithoutLabelIsAMissAndNothingElse() {
        var matrix = matrix()
        matrix.add(truth: 2, answer: nil)
        #expect(matrix.recall(of: 2) == 0.5)
        #expect(matrix.precision(of: 2) == 0.5)
        #expect(matrix.clipCount == 7)
    }

    @Test func theDriftIsWhatOtherClassesLoseToOne() {
        // Of four clips of other classes than b, one was named b; of all six, two were.
        #expect(abs(matrix().drift(to: 1) - 1.0 / 4) < 1e-12)
        #expect(abs(matrix().share(named: 1) - 2.0 / 6) < 1e-12)
    }

    @Test func anErrorCostsWhatItsConfusionDoes() {
        // Two errors: a named b, b named c.
        let costs = [[0, 0.2, 9], [9, 0, 0.6], [9, 9, 0]]
        #expect(matrix().meanCostOfErrors(costs).map { abs($0 - 0.4) < 1e-12 } == true)
        #expect(ConfusionMatrix(labels: ["a"]).meanCostOfErrors([[0]]) == nil)
    }

    @Test func alwaysNamingOneClassIsChance() {
        var matrix = ConfusionMatrix(labels: ["a", "b", "c", "d"])
        for truth in [0, 0, 0, 0, 0, 1, 2, 3] { matrix.add(truth: truth, answer: 0) }
        #expect(matrix.unweightedAverageRecall == 0.25)
        #expect(matrix.accuracy == 0.625)
    }

    @Test func classesWithoutClipsDoNotCount() {
        var matrix = ConfusionMatrix(labels: ["a", "b", "never"])
        matrix.add(truth: 0, answer: 0)
        matrix.add(truth: 1, answer: 1)
        #expect(matrix.unweightedAverageRecall == 1 && matrix.recall(of: 2) == nil)
    }
}

struct CalibrationTests {
    @Test func theErrorIsTheGapOfConfidenceAndAccuracy() {
        // Four clips at 0.8, three right: |3.2 - 3| / 4.
        let rows = Array(repeating: [0.8, 0.2], count: 4)
        #expect(abs(Calibration.expectedError(rows, truths: [0, 0, 0, 1]) - 0.05) < 1e-12)
    }

    @Test(arguments: [0.5, 1.7, 3.0])
    func theTemperatureThatSpoiltThemIsFound(temperature: Double) {
        var random = SeededRandom(seed: 5)
        var rows: [[Double]] = []
        var truths: [Int] = []
        for _ in 0..<4000 {
            let raw = (0..<3).map { _ in Double.random(in: -2...2, using: &random) }
            let powers = raw.map { exp($0) }
            let honest = powers.map { $0 / powers.reduce(0, +) }
            let draw = Double.random(in: 0..<1, using: &random)
            truths.append(draw < honest[0] ? 0 : draw < honest[0] + honest[1] ? 1 : 2)
            rows.append(Calibration.scaled(honest, 1 / temperature))
        }
        let found = Calibration.temperature(rows, truths: truths)
        #expect(abs(found / temperature - 1) < 0.1)
        let before = Calibration.loss(rows, truths: truths)
        #expect(Calibration.loss(rows, truths: truths, temperature: found) < before)
    }

    @Test func withoutClipsTheTemperatureStays() {
        #expect(Calibration.temperature([], truths: []) == 1)
    }
}
