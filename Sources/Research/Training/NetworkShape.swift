// SPDX-License-Identifier: Apache-2.0

/// The dimensions of one network: those of a model's `config.json` and those that only training needs.
public struct NetworkShape: Sendable, Equatable {
    /// The activation after the convolutions.
    public enum Activation: String, Sendable, Codable {
        /// max(x, 0)
        case relu
        /// x times the normal distribution function; exact.
        case gelu
    }

    /// The layers that a residual block adds to its input.
    public enum BlockKind: String, Sendable, Codable {
        /// pointwise(activation(convolution(norm(x))))
        case convolution
        /// contract(activation(expand(norm(depthwise(x)))))
        case depthwise
    }

    /// The kinds of `NeuralLayers.Pooling`, which combine the embeddings of a view into one vector.
    public enum Pooling: String, Sendable, Codable, CaseIterable {
        /// Weights by the softmax of scores.
        case attention
        /// Equal weights.
        case mean
        /// Weights by the sigmoid of each score.
        case gated
        /// Weights as for attention; gives the mean and the deviation of each channel.
        case statistics

        /// Name of the layer that computes the scores, if the kind has any.
        var scores: [Head] {
            switch self {
            case .attention, .statistics: [Head(name: "attention", outputs: 1)]
            case .mean: []
            case .gated: [Head(name: "gate", outputs: 1)]
            }
        }
    }

    /// A place in the network whose values are pooled, as in `EncoderArchitecture.Tap`.
    public enum Tap: String, Sendable, Codable, CaseIterable {
        /// The output of the last residual block, before the recurrence.
        case blocks
        /// The output of `norm`.
        case embedding
        /// The output of the frame head ``NetworkShape/predictionHead``.
        case prediction
    }

    /// The name of the frame head that predicts a teacher's vectors.
    public static let predictionHead = "prediction"

    /// An additional linear layer that exists only in training; the method decides its input.
    public struct Head: Sendable, Equatable {
        /// Name of its tensors.
        public var name: String
        /// Number of outputs.
        public var outputs: Int

        /// A head called `name` with `outputs` outputs.
        public init(name: String, outputs: Int) { (self.name, self.outputs) = (name, outputs) }
    }

    /// Values in a feature frame.
    public var inputs: Int
    /// Channels of the body.
    public var width: Int
    /// Kernel and stride of each front convolution.
    public var front: [(kernel: Int, stride: Int)]
    /// Kernel of the blocks.
    public var kernel: Int
    /// Dilation of each block.
    public var dilations: [Int]
    /// Kind of the blocks.
    public var blockKind: BlockKind
    /// Channels inside a depthwise block, as a multiple of the width.
    public var expansion: Int
    /// Activation after each convolution and in the hidden layer of the classes.
    public var activation: Activation
    /// Number of stacked gated recurrent units after the blocks; 0 for none.
    public var recurrentLayers: Int
    /// Kind of pooling.
    public var pooling: Pooling
    /// Size of the hidden layer between pooling and classes; 0 for none.
    public var hiddenCount: Int
    /// Number of emotion classes.
    public var classes: Int
    /// Share of values dropped at the end of each block in training.
    public var dropout: Double
    /// Share of the pooled embedding dropped in training.
    public var pooledDropout: Double
    /// Heads on the pooled embedding of every view.
    public var pooledHeads: [Head]
    /// Heads on every embedding.
    public var frameHeads: [Head]
    /// The parts of a pooled frame, in order; taps other than the embedding alone need the pooling `statistics`.
    public var taps: [Tap]

    /// A shape of the given dimensions. `pooledDropout` defaults to `dropout`.
    public init(
        inputs: Int,
        width: Int,
        front: [(kernel: Int, stride: Int)],
        kernel: Int,
        dilations: [Int],
        blockKind: BlockKind = .convolution,
        expansion: Int = 1,
        activation: Activation = .relu,
        recurrentLayers: Int = 0,
        pooling: Pooling = .attention,
        hiddenCount: Int = 0,
        classes: Int,
        dropout: Double,
        pooledDropout: Double? = nil,
        pooledHeads: [Head] = [],
        frameHeads: [Head] = [],
        taps: [Tap] = [.embedding]
    ) {
        (self.inputs, self.width, self.front, self.kernel) = (inputs, width, front, kernel)
        (self.dilations, self.blockKind, self.expansion) = (dilations, blockKind, expansion)
        (self.activation, self.recurrentLayers, self.hiddenCount) = (activation, recurrentLayers, hiddenCount)
        self.pooling = pooling
        (self.classes, self.dropout, self.pooledDropout) = (classes, dropout, pooledDropout ?? dropout)
        (self.pooledHeads, self.frameHeads, self.taps) = (pooledHeads, frameHeads, taps)
    }

    /// Number of outputs of the frame head ``predictionHead``; 0 if there is none.
    public var predictionCount: Int { frameHeads.first { $0.name == Self.predictionHead }?.outputs ?? 0 }

    /// Number of values of one tap in a pooled frame.
    public func channelCount(of tap: Tap) -> Int { tap == .prediction ? predictionCount : width }

    /// Number of values of a pooled frame, over all taps.
    public var frameCount: Int { taps.reduce(0) { $0 + channelCount(of: $1) } }

    /// Number of values of the pooled vector, which classes and pooled heads read: two for each value of a frame with the
    /// pooling `statistics`, otherwise one.
    public var pooledCount: Int { pooling == .statistics ? 2 * frameCount : frameCount }

    /// Tuples are not `Equatable`, so the comparison is written out.
    public static func == (a: NetworkShape, b: NetworkShape) -> Bool {
        a.inputs == b.inputs && a.width == b.width && a.kernel == b.kernel && a.dilations == b.dilations
            && a.blockKind == b.blockKind && a.expansion == b.expansion && a.activation == b.activation
            && a.recurrentLayers == b.recurrentLayers && a.hiddenCount == b.hiddenCount
            && a.pooling == b.pooling && a.classes == b.classes
            && a.dropout == b.dropout && a.pooledDropout == b.pooledDropout
            && a.pooledHeads == b.pooledHeads && a.frameHeads == b.frameHeads && a.taps == b.taps
            && a.front.elementsEqual(b.front, by: ==)
    }

    /// Number of feature frames for each embedding.
    public var stride: Int { front.reduce(1) { $0 * $1.stride } }
}

extension NetworkShape {
    /// The layers from the feature frames to the output of the last block, in the order of the diagram.
    func blockBody<Scalar: TrainingScalar>(
        _ parameters: Parameters<Scalar>,
        random: inout TrainingRandom
    ) -> [any SequenceLayer<Scalar>] {
        var layers: [any SequenceLayer<Scalar>] = []
        for (index, layer) in front.enumerated() {
            layers.append(
                CausalConv1d(
                    parameters,
                    "front.\(index)",
                    inputs: index == 0 ? inputs : width,
                    outputs: width,
                    taps: layer.kernel,
                    stride: layer.stride,
                    isFirst: index == 0,
                    random: &random
                )
            )
            layers.append(ActivationLayer(activation))
        }
        for (index, dilation) in dilations.enumerated() {
            let block = blockLayers(parameters, "blocks.\(index)", dilation: dilation, random: &random)
            layers.append(ResidualBlock(block, dropout: dropout))
        }
        return layers
    }

    /// The layers from the last block to the embeddings.
    func recurrentBody<Scalar: TrainingScalar>(
        _ parameters: Parameters<Scalar>,
        random: inout TrainingRandom
    ) -> [any SequenceLayer<Scalar>] {
        let recurrence = (0..<recurrentLayers).map {
            GRU(parameters, "gru", layer: $0, inputs: width, hidden: width, random: &random)
        }
        let norm = LayerNorm(parameters, "norm", channels: width)
        return recurrence.isEmpty ? [norm] : [ResidualBlock(recurrence, dropout: 0), norm]
    }
}
