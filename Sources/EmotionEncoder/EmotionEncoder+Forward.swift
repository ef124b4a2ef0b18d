// SPDX-License-Identifier: Apache-2.0
import NeuralLayers
import StepKernels

extension EmotionEncoder {
    /// What the network makes of a whole sequence.
    public struct EncodedSequence: Sendable {
        /// `[T, width]`, row-major, one row for each embedding.
        public let embeddings: [Float]
        /// `[T]`, 0...1.
        public let speechProbabilities: [Float]
        /// `[labelCount]`, pooled over all of the sequence; divided by the temperature they make the probabilities.
        public let logits: [Float]
        /// `[labelCount]`, their sum is 1.
        public let classProbabilities: [Float]
        /// `[attributeCount]`, each -1...1, pooled over all of the sequence.
        public let attributes: [Float]
    }

    /// The answer to all frames `[T, inputCount]` at once; the same as `step` over each, for offline use and as proof.
    public func forward(_ frames: [Float]) -> EncodedSequence {
        let activation = configuration.encoder.activation
        var x = normalized(frames)
        for layer in front {
            x = layer.forward(x)
            activation.apply(&x)
        }
        for block in convolutionBlocks { x = block.forward(x) }
        for block in depthwiseBlocks { x = block.forward(x) }
        for block in recurrences { x = block.forward(x) }
        x = norm.forward(x)
        let speech = (0..<x.count / width).map { t in
            sigmoid(self.speech.value(Array(x[t * width..<(t + 1) * width])))
        }
        let pooled = pooling.forward(x, weights: speech)
        let attributes = self.attributes.flatMap { $0.forward(pooled) }.map { max(-1, min(1, $0)) }
        let logits = logits(of: pooled)
        return EncodedSequence(
            embeddings: x,
            speechProbabilities: speech,
            logits: logits,
            classProbabilities: probabilities(logits),
            attributes: attributes
        )
    }

    /// The probabilities of the classes `[labelCount]` for some embeddings of a sequence, `[T, width]`, by themselves.
    package func classProbabilities(ofEmbeddings embeddings: [Float], speechProbabilities: [Float]) -> [Float]
    {
        probabilities(logits(of: pooling.forward(embeddings, weights: speechProbabilities)))
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
