// SPDX-License-Identifier: Apache-2.0

/// Loss functions: each returns the loss and writes its gradient with respect to the input.
public enum Losses {
    /// Class-balanced cross entropy with soft targets.
    ///
    /// loss = - sum_b s_b sum_j t_bj log softmax(z_b)_j / sum_b s_b, with s_b = sum_j classWeights_j t_bj.
    /// B clips, K classes; all row-major [B, K].
    public static func crossEntropy<Scalar: TrainingScalar>(
        logits: [Scalar],
        targets: [Scalar],
        classWeights: [Scalar],
        gradient: inout [Scalar]
    ) -> Scalar {
        let classes = classWeights.count
        let rows = logits.count / classes
        var loss: Scalar = 0
        var total: Scalar = 0
        for b in 0..<rows {
            let range = b * classes..<(b + 1) * classes
            let weight = zip(targets[range], classWeights).reduce(Scalar(0)) { $0 + $1.0 * $1.1 }
            let mass = targets[range].reduce(0, +)
            let logProbabilities = logSoftmax(logits[range])
            total += weight
            for (j, index) in range.enumerated() {
                loss -= weight * targets[index] * logProbabilities[j]
                gradient[index] = weight * (mass * Scalar.exp(logProbabilities[j]) - targets[index])
            }
        }
        let scale = total > 0 ? 1 / total : 0
        for index in gradient.indices { gradient[index] *= scale }
        return loss * scale
    }

    /// Label smoothing: (1 - share) targets + share / classes, for row-major soft or hard targets `[B, classes]`
    /// (Szegedy et al. 2016, arXiv:1512.00567).
    public static func smoothed<Scalar: TrainingScalar>(
        _ targets: [Scalar],
        classes: Int,
        by share: Scalar
    ) -> [Scalar] {
        targets.map { (1 - share) * $0 + share / Scalar(classes) }
    }

    /// Binary cross entropy on logits, averaged over the frames whose mask is 1.
    public static func binaryCrossEntropy<Scalar: TrainingScalar>(
        logits: [Scalar],
        targets: [Scalar],
        mask: [Scalar],
        gradient: inout [Scalar]
    ) -> Scalar {
        let total = max(mask.reduce(0, +), 1)
        var loss: Scalar = 0
        for i in logits.indices {
            gradient[i] = 0
            guard mask[i] > 0 else { continue }
            let z = logits[i]
            loss += mask[i] * (max(z, 0) - z * targets[i] + Scalar.log(1 + Scalar.exp(-abs(z))))
            gradient[i] = mask[i] * (1 / (1 + Scalar.exp(-z)) - targets[i]) / total
        }
        return loss / total
    }

    /// Mean absolute error over the rows whose mask is 1 (the loss of autoregressive predictive coding, Chung et al.
    /// 2019, arXiv:1904.03240, equation 1, averaged over the row's values).
    ///
    /// `mask` has one value per row; `outputs` and `targets` are row-major [rows, columns].
    public static func absoluteError<Scalar: TrainingScalar>(
        outputs: [Scalar],
        targets: [Scalar],
        mask: [Scalar],
        gradient: inout [Scalar]
    ) -> Scalar {
        let columns = outputs.count / max(1, mask.count)
        let total = max(mask.reduce(0, +), 1) * Scalar(columns)
        var loss: Scalar = 0
        for row in mask.indices {
            for index in row * columns..<(row + 1) * columns {
                let error = mask[row] > 0 ? outputs[index] - targets[index] : 0
                loss += mask[row] * abs(error)
                gradient[index] = error == 0 ? 0 : (error > 0 ? mask[row] : -mask[row]) / total
            }
        }
        return loss / total
    }

    /// The probabilities of one row of logits.
    public static func softmax<Scalar: TrainingScalar>(_ logits: ArraySlice<Scalar>) -> [Scalar] {
        logSoftmax(logits).map { Scalar.exp($0) }
    }

    /// Logarithm of the softmax, shifted by the largest logit to avoid overflow.
    static func logSoftmax<Scalar: TrainingScalar>(_ logits: ArraySlice<Scalar>) -> [Scalar] {
        let largest = logits.max() ?? 0
        let sum = logits.reduce(Scalar(0)) { $0 + Scalar.exp($1 - largest) }
        return logits.map { $0 - largest - Scalar.log(sum) }
    }
}

extension Losses {
    /// 1 - CCC over a batch: Lin's concordance correlation coefficient, the loss of attribute regression.
    ///
    /// CCC = 2 cov(x, y) / (var x + var y + (mean x - mean y)^2), with the population's moments. If both
    /// sides are constant and equal the correlation is undefined: the loss is then 1 and its gradient 0.
    public static func concordance<Scalar: TrainingScalar>(
        predictions x: [Scalar],
        targets y: [Scalar],
        gradient: inout [Scalar]
    ) -> Scalar {
        precondition(
            x.count == y.count && x.count == gradient.count,
            "\(x.count) predictions, \(y.count) targets"
        )
        let n = Scalar(max(1, x.count))
        let meanX = x.reduce(0, +) / n
        let meanY = y.reduce(0, +) / n
        var (varianceX, varianceY, covariance): (Scalar, Scalar, Scalar) = (0, 0, 0)
        for (a, b) in zip(x, y) {
            varianceX += (a - meanX) * (a - meanX) / n
            varianceY += (b - meanY) * (b - meanY) / n
            covariance += (a - meanX) * (b - meanY) / n
        }
        let spread = varianceX + varianceY + (meanX - meanY) * (meanX - meanY)
        guard spread > Scalar.leastNormalMagnitude else {
            for i in gradient.indices { gradient[i] = 0 }
            return 1
        }
        for i in x.indices {
            let dCovariance = (y[i] - meanY) / n
            let dSpread = 2 * (x[i] - meanX) / n + 2 * (meanX - meanY) / n
            gradient[i] = -2 * (dCovariance - covariance * dSpread / spread) / spread
        }
        return 1 - 2 * covariance / spread
    }
}
