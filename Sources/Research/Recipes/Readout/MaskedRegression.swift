// SPDX-License-Identifier: Apache-2.0
import Foundation
import MatrixProducts

/// Multinomial logistic regression with an L2 penalty over clips whose corpora know different classes.
///
/// With x the standardised vectors [N, D], w_i the weight of row i, t_i its target over the classes its corpus knows,
///
///     L = sum w_i (-sum_k t_ik log softmax_k(W x_i + b)) / sum w_i + penalty / 2 |W|²
///
/// where the softmax runs over the known classes alone, so that a class that a corpus lacks is neither right nor wrong
/// there. Minimised by ``LimitedMemoryBFGS``; products by OpenBLAS.
package struct MaskedRegression: Sendable {
    /// Training examples.
    package struct Examples: Sendable {
        /// D.
        package let size: Int
        /// K.
        package let classCount: Int
        /// Row-major [N, D].
        package var inputs: [Float] = []
        /// Row-major [N, K]; sums to 1, 0 where a class is unknown.
        package var targets: [Float] = []
        /// Row-major [N, K].
        package var isKnown: [Bool] = []
        /// [N].
        package var weights: [Float] = []

        var count: Int { weights.count }

        /// No rows yet.
        package init(size: Int, classCount: Int) { (self.size, self.classCount) = (size, classCount) }
    }

    /// Row-major [K, D].
    package let weight: [Float]
    /// [K].
    package let bias: [Float]

    private static let iterations = 80

    /// Fits to `examples`; OpenBLAS must be loaded.
    package init(_ examples: Examples, penalty: Double) {
        let (size, classes) = (examples.size, examples.classCount)
        let objective = Objective(examples: examples, penalty: penalty)
        let found = LimitedMemoryBFGS.minimise(
            from: Array(repeating: 0, count: classes * (size + 1)),
            maximumIterations: Self.iterations,
            tolerance: 1e-5,
            objective.lossAndGradient
        )
        weight = found[..<(classes * size)].map(Float.init)
        bias = found[(classes * size)...].map(Float.init)
    }
}

private struct Objective {
    let examples: MaskedRegression.Examples
    let penalty: Double

    /// `point` holds the weights [K, D], then the biases [K].
    func lossAndGradient(_ point: [Double]) -> (loss: Double, gradient: [Double]) {
        let (size, classes, count) = (examples.size, examples.classCount, examples.count)
        let weight = point[..<(classes * size)].map(Float.init)
        let bias = point[(classes * size)...].map(Float.init)
        var logits = Array(repeating: bias, count: count).flatMap { $0 }
        Float.gemm(
            transposeA: false,
            transposeB: true,
            rows: count,
            columns: classes,
            inner: size,
            alpha: 1,
            a: examples.inputs,
            strideA: size,
            b: weight,
            strideB: size,
            beta: 1,
            c: &logits,
            strideC: classes
        )
        let (loss, errors) = MaskedRegression.lossAndSlopes(logits, of: 0..<count, in: examples)
        var slope = Array(repeating: Float(0), count: classes * size)
        Float.gemm(
            transposeA: true,
            transposeB: false,
            rows: classes,
            columns: size,
            inner: count,
            alpha: 1,
            a: errors,
            strideA: classes,
            b: examples.inputs,
            strideB: size,
            beta: 0,
            c: &slope,
            strideC: size
        )
        var gradient = slope.map(Double.init)
        var square = 0.0
        for index in gradient.indices {
            gradient[index] += penalty * point[index]
            square += point[index] * point[index]
        }
        for label in 0..<classes {
            gradient.append(
                stride(from: label, to: errors.count, by: classes).reduce(0.0) { $0 + Double(errors[$1]) }
            )
        }
        return (loss + penalty / 2 * square, gradient)
    }
}

extension MaskedRegression {
    /// The mean loss of some rows, without the penalty, and its slopes by their logits [rows, K].
    static func lossAndSlopes(_ logits: [Float], of rows: some Collection<Int>, in examples: Examples) -> (
        loss: Double, slopes: [Float]
    ) {
        let classes = examples.classCount
        let total = Float(rows.reduce(0.0) { $0 + Double(examples.weights[$1]) })
        var slopes = Array(repeating: Float(0), count: logits.count)
        var loss = 0.0
        for (place, row) in rows.enumerated() {
            let known = (0..<classes).filter { examples.isKnown[row * classes + $0] }
            let own = known.map { logits[place * classes + $0] }
            let top = own.max() ?? 0
            let sum = own.reduce(Float(0)) { $0 + exp($1 - top) }
            let share = examples.weights[row] / max(total, 1e-9)
            for (logit, label) in zip(own, known) {
                let target = examples.targets[row * classes + label]
                let logProbability = logit - top - log(sum)
                loss -= Double(share * target * logProbability)
                slopes[place * classes + label] = share * (exp(logProbability) - target)
            }
        }
        return (loss, slopes)
    }
}
