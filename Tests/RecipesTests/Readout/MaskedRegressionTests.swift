// SPDX-License-Identifier: Apache-2.0
import Foundation
import MatrixProducts
import Recipes
import TestSupport
import Testing

struct MaskedRegressionTests {
    private static let classes = 3

    /// Rows around one corner for each class.
    private func examples(_ count: Int, known: [Bool] = [true, true, true]) -> MaskedRegression.Examples {
        var random = SeededRandom(seed: 8)
        var examples = MaskedRegression.Examples(size: 4, classCount: Self.classes)
        for row in 0..<count {
            let truth = row % Self.classes
            guard known[truth] else { continue }
            examples.inputs += (0..<4).map {
                ($0 == truth ? 1 : 0) + Float.random(in: -0.8...0.8, using: &random)
            }
            examples.targets += (0..<Self.classes).map { $0 == truth ? 1 : 0 }
            examples.isKnown += known
            examples.weights.append(1)
        }
        return examples
    }

    @Test func withAllClassesItIsLogisticRegression() throws {
        try OpenBLAS.load()
        let examples = examples(60)
        let rows = (0..<60).map { row in examples.inputs[row * 4..<(row + 1) * 4].map(Double.init) }
        // Standardised columns, as the other expects them, so that both see the same inputs.
        let columns = (0..<4).map { column in rows.map { $0[column] } }
        let mean = columns.map { $0.reduce(0, +) / 60 }
        let deviation = columns.indices.map { column in
            (columns[column].reduce(0) { $0 + pow($1 - mean[column], 2) } / 60).squareRoot()
        }
        var standardised = examples
        standardised.inputs = rows.flatMap { row in
            row.indices.map { Float((row[$0] - mean[$0]) / deviation[$0]) }
        }
        let ours = MaskedRegression(standardised, penalty: 1.0 / 60)
        let other = LogisticRegression(
            inputs: rows,
            truths: (0..<60).map { $0 % 3 },
            classCount: 3,
            inversePenalty: 1
        )
        for row in 0..<60 {
            let logits = (0..<3).map { label in
                (0..<4).reduce(Double(ours.bias[label])) {
                    $0 + Double(ours.weight[label * 4 + $1] * standardised.inputs[row * 4 + $1])
                }
            }
            let sum = logits.reduce(0) { $0 + exp($1) }
            let expected = other.probabilities(rows[row])
            for label in 0..<3 { #expect(abs(exp(logits[label]) / sum - expected[label]) < 2e-3) }
        }
    }

    @Test func aClassThatACorpusLacksIsNotTaughtAsWrong() throws {
        try OpenBLAS.load()
        let complete = examples(60)
        let lacking = examples(600, known: [true, true, false])
        var both = complete
        both.inputs += lacking.inputs
        both.targets += lacking.targets
        both.isKnown += lacking.isKnown
        both.weights += lacking.weights
        var wrong = both
        wrong.isKnown = Array(repeating: true, count: wrong.isKnown.count)
        let bias = { (found: MaskedRegression) in found.bias[2] - (found.bias[0] + found.bias[1]) / 2 }
        let masked = bias(MaskedRegression(both, penalty: 0.01))
        #expect(masked > bias(MaskedRegression(wrong, penalty: 0.01)) + 1)
        #expect(abs(masked - bias(MaskedRegression(complete, penalty: 0.01))) < 1)
    }
}
