// SPDX-License-Identifier: Apache-2.0
import Corpora
import Training

/// The losses of a step of DeepEmoCluster, each with its gradient with respect to the network's outputs.
extension ClusterTrainer {
    typealias Loss = (loss: Float, gradient: [Float])

    func weighted(_ weight: Float, _ loss: Loss) -> Loss {
        (weight * loss.loss, loss.gradient.map { weight * $0 })
    }

    func crossEntropy(_ logits: [Float], _ truths: [Int], _ classes: Int, smoothing: Float) -> Loss {
        var gradient = logits
        let hard = truths.flatMap { truth in (0..<classes).map { $0 == truth ? Float(1) : 0 } }
        let loss = Losses.crossEntropy(
            logits: logits,
            targets: Losses.smoothed(hard, classes: classes, by: smoothing),
            classWeights: [Float](repeating: 1, count: classes),
            gradient: &gradient
        )
        return (loss, gradient)
    }

    /// Loss over all chunks with their sentences' labels: cross entropy, or 1 - CCC over the chunks whose value is known.
    func emotionLoss(_ outputs: [Float], _ draws: [Draw]) -> Loss {
        let clips = draws.flatMap { draw in draw.chunks.map { _ in sentences.clips[draw.sentence] } }
        guard let attribute = variant.attribute else {
            return crossEntropy(
                outputs,
                clips.map { $0.emotion?.rawValue ?? 0 },
                Emotion.allCases.count,
                smoothing: study.fitting.labelSmoothing
            )
        }
        let known = clips.indices.filter { clips[$0].attributes[attribute] != nil }
        var slopes = [Float](repeating: 0, count: known.count)
        let loss = Losses.concordance(
            predictions: known.map { outputs[$0] },
            targets: known.map { Float(clips[$0].attributes[attribute] ?? 0) },
            gradient: &slopes
        )
        var gradient = [Float](repeating: 0, count: outputs.count)
        for (slope, row) in zip(slopes, known) { gradient[row] = slope }
        return (loss, gradient)
    }

    /// Random triples of chunk indices, each used for every sentence of the batch.
    mutating func tripletLoss(_ embeddings: [Float], _ perSentence: Int) -> Loss {
        let near = study.triplets.neighbourhood
        var triplets: [Triplet] = []
        let rows = embeddings.count / study.network.width
        for _ in 0..<study.triplets.draws {
            let anchor = Int.random(in: 0..<perSentence, using: &random)
            let others = (0..<perSentence).filter { $0 != anchor }
            let positives = others.filter { abs($0 - anchor) <= near }
            let negatives = others.filter { abs($0 - anchor) > near }
            guard let positive = positives.randomElement(using: &random),
                let negative = negatives.randomElement(using: &random)
            else { continue }
            triplets += stride(from: 0, to: rows, by: perSentence).map {
                Triplet(anchor: $0 + anchor, positive: $0 + positive, negative: $0 + negative)
            }
        }
        var gradient = [Float](repeating: 0, count: embeddings.count)
        let loss = Losses.tripletMargin(
            embeddings,
            columns: study.network.width,
            triplets,
            margin: study.triplets.margin,
            gradient: &gradient
        )
        return (loss, gradient)
    }
}
