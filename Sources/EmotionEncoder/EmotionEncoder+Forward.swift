// SPDX-License-Identifier: Apache-2.0
import NeuralLayers
import StepKernels

extension EmotionEncoder {
    /// Outputs of the network for a whole sequence.
    public struct EncodedSequence: Sendable {
        /// `[T, width]`, row-major, one row for each embedding.
        public let embeddings: [Float]
        /// `[T, frameCount]`, the frames that are pooled: of the taps or of the embeddings.
        public let frames: [Float]
        /// `[pooledCount]`, the pooled vector before standardisation.
        public let pooled: [Float]
        /// `[T]`, 0...1.
        public let speechProbabilities: [Float]
        /// `[labelCount]`, pooled over the whole sequence; divided by the temperature they are the inputs of the softmax.
        public let logits: [Float]
        /// `[labelCount]`, sum 1.
        public let classProbabilities: [Float]
        /// `[attributeCount]`, each -1...1, pooled over the whole sequence.
        public let attributes: [Float]
    }

    /// Processes all frames `[T, inputCount]` in one call, with the same result as `step` for each; for offline use and tests.
    public func forward(_ frames: [Float]) -> EncodedSequence {
        let activation = configuration.encoder.activation
        var x = normalized(frames)
        for layer in front {
            x = layer.forward(x)
            activation.apply(&x)
        }
        for block in convolutionBlocks { x = block.forward(x) }
        for block in depthwiseBlocks { x = block.forward(x) }
        let blocks = x
        for block in recurrences { x = block.forward(x) }
        x = norm.forward(x)
        let speech = (0..<x.count / width).map { t in
            sigmoid(self.speech.value(Array(x[t * width..<(t + 1) * width])))
        }
        let pooledFrames = taps(blocks: blocks, embeddings: x)
        let pooled = pooling.forward(pooledFrames, scoredBy: x, weights: speech)
        let read = standardized(pooled)
        let attributes = self.attributes.flatMap { $0.forward(read) }.map { max(-1, min(1, $0)) }
        let logits = logits(of: read)
        return EncodedSequence(
            embeddings: x,
            frames: pooledFrames,
            pooled: pooled,
            speechProbabilities: speech,
            logits: logits,
            classProbabilities: probabilities(logits),
            attributes: attributes
        )
    }

    /// The class probabilities `[labelCount]` for a part of a sequence on its own: its `frames` `[T, frameCount]` and
    /// `embeddings` `[T, width]`.
    package func classProbabilities(
        ofFrames frames: [Float],
        embeddings: [Float],
        speechProbabilities: [Float]
    )
        -> [Float]
    {
        let pooled = pooling.forward(frames, scoredBy: embeddings, weights: speechProbabilities)
        return probabilities(logits(of: standardized(pooled)))
    }

    /// The frames that are pooled: the rows of all taps, joined.
    private func taps(blocks: [Float], embeddings: [Float]) -> [Float] {
        guard pooling.kind == .statistics else { return embeddings }
        let predictions = prediction.first?.forward(embeddings) ?? []
        return (0..<embeddings.count / width).flatMap { t in
            configuration.encoder.taps.flatMap { tap in
                let count = configuration.encoder.channelCount(of: tap)
                let source =
                    switch tap {
                    case .blocks: blocks
                    case .embedding: embeddings
                    case .prediction: predictions
                    }
                return source[t * count..<(t + 1) * count]
            }
        }
    }

    private func standardized(_ pooled: [Float]) -> [Float] {
        guard pooling.kind == .statistics else { return pooled }
        var pooled = pooled
        population.apply(to: &pooled)
        return pooled
    }

    private func logits(of pooled: [Float]) -> [Float] {
        var pooled = pooled
        for layer in hidden {
            pooled = layer.forward(pooled)
            configuration.encoder.activation.apply(&pooled)
        }
        return classes.forward(pooled)
    }

    private func normalized(_ frames: [Float]) -> [Float] {
        precondition(frames.count.isMultiple(of: inputCount), "\(frames.count) values, \(inputCount) a frame")
        return frames.indices.map { i in
            let value = (frames[i] - mean[i % inputCount]) * scale[i % inputCount]
            return value.isNaN ? -Self.inputLimit : max(-Self.inputLimit, min(Self.inputLimit, value))
        }
    }

    private func probabilities(_ logits: [Float]) -> [Float] {
        var result = logits.map { $0 / configuration.calibration.temperature }
        var span = result.mutableSpan
        softmax(&span)
        return result
    }
}
