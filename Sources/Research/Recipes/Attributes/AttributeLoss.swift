// SPDX-License-Identifier: Apache-2.0
package import Corpora
import Training

/// 1 - CCC of each attribute over the clips of a batch that have a number for it, weighted and summed.
///
/// CCC = 2 cov(x, y) / (var x + var y + (mean x - mean y)²), Lin 1989; over the batch as in the papers on chunks and
/// clusters. It asks for order, spread and level at once, where a squared error is smallest for a timid answer.
package struct AttributeLoss: Sendable {
    /// The name of the head's tensors, in training and in the model.
    static let head = "attributes"

    private let weights: [(attribute: Attribute, weight: Float)]
    private var sums: [Double]
    private var batches: [Double]

    package init(_ weights: Recipe.AttributeWeights) {
        self.weights = weights.taught
        sums = Array(repeating: 0, count: self.weights.count)
        batches = sums
    }

    /// Mean loss of each attribute over the batches in which it had two labels or more.
    package var figures: [String: Double] {
        var figures: [String: Double] = [:]
        for (index, (attribute, _)) in weights.enumerated() where batches[index] > 0 {
            figures["\(attribute.rawValue) loss"] = sums[index] / batches[index]
        }
        return figures
    }

    mutating func clearFigures() {
        sums = sums.map { _ in 0 }
        batches = sums
    }

    /// The loss and its gradient by the head's outputs.
    ///
    /// - Parameters:
    ///   - outputs: row-major [B, A].
    ///   - labels: for each clip what is known of it.
    ///   - scale: weight of this loss among others.
    package mutating func lossAndGradient(
        _ outputs: some RandomAccessCollection<Float>,
        _ labels: [[Attribute: Double]],
        scale: Float = 1
    ) -> (loss: Float, gradient: [Float]) {
        let outputs = Array(outputs)
        var gradient = Array(repeating: Float(0), count: outputs.count)
        var loss: Float = 0
        for (index, (attribute, weight)) in weights.enumerated() {
            let known = labels.indices.filter { labels[$0][attribute] != nil }
            // The concordance of one clip is 0 whatever the network says.
            guard known.count > 1 else { continue }
            var slopes = Array(repeating: Float(0), count: known.count)
            let part = Losses.concordance(
                predictions: known.map { outputs[$0 * weights.count + index] },
                targets: known.map { Float(labels[$0][attribute] ?? 0) },
                gradient: &slopes
            )
            loss += scale * weight * part
            sums[index] += Double(part)
            batches[index] += 1
            for (slope, clip) in zip(slopes, known) {
                gradient[clip * weights.count + index] = scale * weight * slope
            }
        }
        return (loss, gradient)
    }
}
