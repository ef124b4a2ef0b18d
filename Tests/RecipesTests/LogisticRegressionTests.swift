// SPDX-License-Identifier: Apache-2.0
import Foundation
import Recipes
import Testing

struct LogisticRegressionTests {
    private static let inputs: [[Double]] = (0..<18).map { (i: Int) -> [Double] in
        (0..<3).map { (j: Int) -> Double in
            let whole = (7 * i + 3 * j) % 11
            return Double(whole) + 0.5 * Double((i * j) % 5)
        }
    }
    private static let truths = (0..<18).map { ($0 * $0 + $0 / 3) % 3 }

    /// Printed by `tools/golden/logistic_regression.py`.
    private static let expected: [(penalty: Double, rows: [[Double]])] = [
        (
            0.1,
            [
                [0.465992, 0.265362, 0.268647], [0.245051, 0.364735, 0.390214],
                [0.295026, 0.422347, 0.282626],
            ]
        ),
        (
            1.0,
            [
                [0.737999, 0.101433, 0.160568], [0.140896, 0.421558, 0.437546],
                [0.147774, 0.612128, 0.240098],
            ]
        ),
    ]

    @Test(arguments: [0, 1])
    func itAgreesWithScikitLearn(penalty: Int) {
        let expected = Self.expected[penalty]
        let model = LogisticRegression(
            inputs: Self.inputs,
            truths: Self.truths,
            classCount: 3,
            inversePenalty: expected.penalty
        )
        for (input, row) in zip(Self.inputs, expected.rows) {
            let difference = zip(model.probabilities(input), row).map { abs($0 - $1) }.max() ?? 1
            #expect(difference < 1e-4)
        }
    }

    @Test func separatedClassesAreToldApart() {
        let inputs = (0..<30).map { (i: Int) -> [Double] in
            let near = Double(i % 10) * 0.1
            return [Double(i / 10) * 5 + near, Double(i % 7)]
        }
        let truths = (0..<30).map { $0 / 10 }
        let model = LogisticRegression(inputs: inputs, truths: truths, classCount: 3, inversePenalty: 10)
        let answers = inputs.map { input in
            let row = model.probabilities(input)
            return row.indices.max { row[$0] < row[$1] } ?? -1
        }
        #expect(answers == truths)
    }

    @Test func aConstantColumnDoesNoHarm() {
        let model = LogisticRegression(
            inputs: [[0, 3], [1, 3], [2, 3], [3, 3]],
            truths: [0, 0, 1, 1],
            classCount: 2,
            inversePenalty: 1
        )
        let isFinite = model.probabilities([0, 3]).allSatisfy { $0.isFinite }
        #expect(isFinite)
        #expect(model.probabilities([0, 3])[0] > 0.5)
    }
}
