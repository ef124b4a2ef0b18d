// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Multinomial logistic regression with an L2 penalty: the simple baseline beside every figure.
///
/// Minimises `sum of cross entropy + |weights|² / (2 C)`, the intercept free, on standardised inputs; the objective of
/// scikit-learn's `LogisticRegression`, whose weights it reproduces.
public struct LogisticRegression: Sendable {
    private let mean: [Double]
    private let scale: [Double]
    private let weights: [Double]
    private let classCount: Int

    /// Fits to `inputs` (one row each) and their classes.
    ///
    /// - Parameters:
    ///   - inputs: rows of equal length.
    ///   - truths: the class of each row, below `classCount`.
    ///   - classCount: the number of classes.
    ///   - inversePenalty: scikit-learn's C; smaller is smoother.
    public init(inputs: [[Double]], truths: [Int], classCount: Int, inversePenalty: Double) {
        precondition(inputs.count == truths.count && !inputs.isEmpty, "each input needs its class")
        let width = inputs[0].count
        let mean = (0..<width).map { column in Recipes.mean(inputs.map { $0[column] }) }
        let scale = (0..<width).map { column in
            1 / max(1e-9, Recipes.mean(inputs.map { pow($0[column] - mean[column], 2) }).squareRoot())
        }
        let objective = Objective(
            rows: inputs.map { Self.standardised($0, mean, scale) },
            truths: truths,
            classCount: classCount,
            penalty: 1 / inversePenalty
        )
        weights = LimitedMemoryBFGS.minimise(
            from: Array(repeating: 0, count: (width + 1) * classCount),
            objective.lossAndGradient
        )
        (self.mean, self.scale, self.classCount) = (mean, scale, classCount)
    }

    /// The probability of each class for one input.
    public func probabilities(_ input: [Double]) -> [Double] {
        softmax(scores(weights[...], Self.standardised(input, mean, scale), classCount))
    }

    private static func standardised(_ row: [Double], _ mean: [Double], _ scale: [Double]) -> [Double] {
        row.indices.map { (row[$0] - mean[$0]) * scale[$0] }
    }
}

/// Weights are [classCount, width + 1], row-major, the intercept last in each row.
private func scores(_ weights: ArraySlice<Double>, _ row: [Double], _ classCount: Int) -> [Double] {
    let stride = row.count + 1
    return (0..<classCount).map { label in
        let start = label * stride
        return row.indices.reduce(weights[start + row.count]) { $0 + weights[start + $1] * row[$1] }
    }
}

private func softmax(_ scores: [Double]) -> [Double] {
    let top = scores.max() ?? 0
    let powers = scores.map { exp($0 - top) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
}

private struct Objective {
    let rows: [[Double]]
    let truths: [Int]
    let classCount: Int
    let penalty: Double

    func lossAndGradient(_ weights: [Double]) -> (loss: Double, gradient: [Double]) {
        let stride = rows[0].count + 1
        var loss = 0.0
        var gradient = Array(repeating: 0.0, count: weights.count)
        for (row, truth) in zip(rows, truths) {
            let probabilities = softmax(scores(weights[...], row, classCount))
            loss -= log(max(1e-300, probabilities[truth]))
            for label in 0..<classCount {
                let error = probabilities[label] - (label == truth ? 1 : 0)
                let start = label * stride
                for column in row.indices { gradient[start + column] += error * row[column] }
                gradient[start + row.count] += error
            }
        }
        for index in weights.indices where index % stride != stride - 1 {
            loss += penalty / 2 * weights[index] * weights[index]
            gradient[index] += penalty * weights[index]
        }
        return (loss, gradient)
    }
}
