// SPDX-License-Identifier: Apache-2.0
package import Training

/// A loss that punishes confusions between emotions that listeners seldom hear together (Chou, Lee & Busso, Interspeech
/// 2022, 10.21437/Interspeech.2022-11041).
///
///     L = (1 - alpha) base + alpha PL                        P from CoOccurrenceMatrix, y the label, z the other class
///
///     hard          base = -sum_j y_j log p_j                p = softmax(logits), y one-hot
///                   PL   = sum_j y_j sum_z P_jz (-log(1 - p_z))
///     multi         base = binary cross entropy, summed      p = sigmoid(logits), y_j = 1 for every class that was heard
///                   PL   = sum_j y_j sum_z P_jz (1 - y_z) (-log(1 - p_z)) / max(1, sum_j y_j)
///     distribution  base = KL(y || p)                        p = softmax(logits), y the shares of the votes
///                   PL   = sum_j y_j sum_z P_jz p_z          the cost of a confusion, expected
///
/// The paper's printed equations were not available: the penalised terms are a reconstruction from its abstract and from
/// notes on the same authors' later paper (10.21437/Interspeech.2023-1113), which mixes them with the base loss by alpha
/// and uses 0.2. All are finite for any finite logits: log(1 - p) is taken from the logits and never from p.
package struct CoOccurrenceLoss: Sendable {
    package let labels: Recipe.CoOccurrence.Labels
    private let penalties: [[Double]]
    private let alpha: Double

    /// - Parameters:
    ///   - penalties: P, row-major [K][K].
    ///   - labels: the form of the loss.
    ///   - alpha: the weight of the penalised loss, 0...1; at 0 the base loss is left.
    package init(penalties: [[Double]], labels: Recipe.CoOccurrence.Labels, alpha: Double) {
        (self.penalties, self.labels, self.alpha) = (penalties, labels, alpha)
    }

    /// The same loss over some of the classes alone.
    func restricted(to classes: [Int]) -> CoOccurrenceLoss {
        guard classes.count < penalties.count else { return self }
        let kept = classes.map { row in classes.map { penalties[row][$0] } }
        return CoOccurrenceLoss(penalties: kept, labels: labels, alpha: alpha)
    }

    /// The loss of one clip and its gradient by the logits, both in their order, K numbers.
    ///
    /// - Parameters:
    ///   - label: y; 0...1 each, for hard and distribution labels of sum 1.
    ///   - smoothing: the share of the base loss's target that is spread over all classes; not for multi-labels.
    package func lossAndGradient<Scalar: TrainingScalar>(
        logits: [Scalar],
        label: [Scalar],
        smoothing: Scalar = 0
    ) -> (loss: Scalar, gradient: [Scalar]) {
        let base = base(logits, label, smoothing)
        let penalised = penalised(logits, label)
        let share = Scalar(alpha)
        return (
            (1 - share) * base.loss + share * penalised.loss,
            zip(base.gradient, penalised.gradient).map { (1 - share) * $0 + share * $1 }
        )
    }

    package func base<Scalar: TrainingScalar>(_ logits: [Scalar], _ label: [Scalar], _ smoothing: Scalar = 0)
        -> (
            loss: Scalar, gradient: [Scalar]
        )
    {
        let classes = logits.count
        var gradient = Array(repeating: Scalar(0), count: classes)
        let ones = Array(repeating: Scalar(1), count: classes)
        if labels == .multi {
            let loss = Losses.binaryCrossEntropy(
                logits: logits,
                targets: label,
                mask: ones,
                gradient: &gradient
            )
            return (Scalar(classes) * loss, gradient.map { Scalar(classes) * $0 })
        }
        let target = Losses.smoothed(label, classes: classes, by: smoothing)
        let loss = Losses.crossEntropy(
            logits: logits,
            targets: target,
            classWeights: ones,
            gradient: &gradient
        )
        return (labels == .hard ? loss : loss - entropy(target), gradient)
    }

    package func penalised<Scalar: TrainingScalar>(_ logits: [Scalar], _ label: [Scalar]) -> (
        loss: Scalar, gradient: [Scalar]
    ) {
        let costs = costs(label)
        switch labels {
        case .hard: return softmaxMiss(logits, costs)
        case .multi: return sigmoidMiss(logits, label, costs)
        case .distribution: return expectedCost(logits, costs)
        }
    }

    /// Cost of naming each class z: sum_j y_j P_jz.
    private func costs<Scalar: TrainingScalar>(_ label: [Scalar]) -> [Scalar] {
        label.indices.map { z in
            label.indices.reduce(Scalar(0)) { $0 + label[$1] * Scalar(penalties[$1][z]) }
        }
    }

    /// sum_z c_z (-log(1 - p_z)), p = softmax: 1 - p_z is the softmax's mass of all others, r its share among them.
    ///
    /// d(-log(1 - p_z)) / d logit_k = p_k - r_k for k != z, and p_z for k = z.
    private func softmaxMiss<Scalar: TrainingScalar>(_ logits: [Scalar], _ costs: [Scalar]) -> (
        Scalar, [Scalar]
    ) {
        let all = logSum(logits)
        let p = logits.map { Scalar.exp($0 - all) }
        var loss: Scalar = 0
        var gradient = Array(repeating: Scalar(0), count: logits.count)
        for z in logits.indices {
            let others = logSum(logits.indices.filter { $0 != z }.map { logits[$0] })
            loss += costs[z] * (all - others)
            for k in logits.indices {
                gradient[k] += costs[z] * (p[k] - (k == z ? 0 : Scalar.exp(logits[k] - others)))
            }
        }
        return (loss, gradient)
    }

    /// sum_z c_z (1 - y_z) (-log(1 - p_z)) / max(1, sum y), p = sigmoid: -log(1 - p) is softplus(logit).
    private func sigmoidMiss<Scalar: TrainingScalar>(_ logits: [Scalar], _ label: [Scalar], _ costs: [Scalar])
        -> (
            Scalar, [Scalar]
        )
    {
        let heard = max(1, label.reduce(0, +))
        var loss: Scalar = 0
        let gradient = logits.indices.map { z in
            let cost = costs[z] * (1 - label[z]) / heard
            loss += cost * (max(logits[z], 0) + Scalar.log(1 + Scalar.exp(-abs(logits[z]))))
            return cost / (1 + Scalar.exp(-logits[z]))
        }
        return (loss, gradient)
    }

    /// sum_z c_z p_z, p = softmax.
    private func expectedCost<Scalar: TrainingScalar>(_ logits: [Scalar], _ costs: [Scalar]) -> (
        Scalar, [Scalar]
    ) {
        let all = logSum(logits)
        let p = logits.map { Scalar.exp($0 - all) }
        let expected = zip(costs, p).reduce(Scalar(0)) { $0 + $1.0 * $1.1 }
        return (expected, zip(costs, p).map { $1 * ($0 - expected) })
    }

    /// -sum y log y in nats; 0 log 0 is 0.
    private func entropy<Scalar: TrainingScalar>(_ label: [Scalar]) -> Scalar {
        label.reduce(0) { $1 > 0 ? $0 - $1 * Scalar.log($1) : $0 }
    }

    /// log sum exp, shifted by the largest so that nothing overflows.
    private func logSum<Scalar: TrainingScalar>(_ logits: [Scalar]) -> Scalar {
        let largest = logits.max() ?? 0
        return largest + Scalar.log(logits.reduce(Scalar(0)) { $0 + Scalar.exp($1 - largest) })
    }
}
