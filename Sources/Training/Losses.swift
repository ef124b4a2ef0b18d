// SPDX-License-Identifier: Apache-2.0

/// Losses: each returns the loss and writes the gradient of the loss by its input.
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
            let logProbabilities = logSoftmax(logits[range])
            total += weight
            for (j, index) in range.enumerated() {
                loss -= weight * targets[index] * logProbabilities[j]
                gradient[index] = weight * (Scalar.exp(logProbabilities[j]) - targets[index])
            }
        }
        let scale = total > 0 ? 1 / total : 0
        for index in gradient.indices { gradient[index] *= scale }
        return loss * scale
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
        for i in logits.indices where mask[i] > 0 {
            let z = logits[i]
            loss += mask[i] * (max(z, 0) - z * targets[i] + Scalar.log(1 + Scalar.exp(-abs(z))))
            gradient[i] = mask[i] * (1 / (1 + Scalar.exp(-z)) - targets[i]) / total
        }
        return loss / total
    }

    /// Logarithm of the softmax, shifted by the largest logit so that nothing overflows.
    static func logSoftmax<Scalar: TrainingScalar>(_ logits: ArraySlice<Scalar>) -> [Scalar] {
        let largest = logits.max() ?? 0
        let sum = logits.reduce(Scalar(0)) { $0 + Scalar.exp($1 - largest) }
        return logits.map { $0 - largest - Scalar.log(sum) }
    }
}
