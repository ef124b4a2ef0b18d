// SPDX-License-Identifier: Apache-2.0
public import Training

/// An encoder that learns from its own clusters and from emotions jointly: DeepEmoCluster (Lin, Sridhar & Busso, ICASSP
/// 2021) and its temporal forms (Lin & Busso, Speech Communication 157, 2024), following their published code.
///
///     chunks [S N, m, F] as images ─► seven convolutions ─► D, ReLU, dropout ─► [S N, D]
///         ─► context over the N chunks of a sentence, if any ─► h [S N, D] ─┬─► D ─(features)─► ReLU ─► K clusters
///                                                                          └─► D, ReLU ─► outputs
///
/// S sentences, N chunks of m frames with F mel bands, D = 256 in the papers. Each convolution is 3 by 3 with batch
/// normalisation and ReLU; the papers' channels are 32 32 64 64 128 128 128, of which the 3rd to the 7th halve the image.
/// Contexts (2024): a bidirectional GRU; two convolutions of 5 by 5 over the image `[N, D]`; one transformer layer with
/// sinusoidal positions; for the triplet form none. k-means clusters the features, and its labels change with every
/// epoch, so the layer that classifies clusters is replaced each epoch.
public final class DeepEmoCluster<Scalar: TrainingScalar> {
    /// The layers that connect the chunks of a sentence.
    public enum Context: String, Codable, Sendable, CaseIterable {
        case none, recurrent, convolution, transformer
    }

    /// The dimensions of a network.
    public struct Shape: Sendable {
        /// m and F.
        public var rows: Int, columns: Int
        /// Channels of each convolution; convolutions from the third on halve the image.
        public var channels: [Int]
        /// D and K.
        public var width: Int, clusters: Int
        /// Number of outputs of the emotion branch.
        public var outputs: Int
        /// The layers that connect the chunks.
        public var context: Context
        /// Share of the embedding dropped in training: 0.5 in the first paper, 0 in the triplet form.
        public var dropout: Double

        /// Each parameter sets the property of its name.
        public init(
            rows: Int,
            columns: Int,
            channels: [Int],
            width: Int,
            clusters: Int,
            outputs: Int,
            context: Context = .none,
            dropout: Double
        ) {
            (self.rows, self.columns, self.channels, self.width) = (rows, columns, channels, width)
            (self.clusters, self.outputs, self.context, self.dropout) = (clusters, outputs, context, dropout)
        }
    }

    /// Output of a forward pass for every chunk, row-major.
    public struct Output {
        /// h, `[S N, D]`.
        public var embeddings: [Scalar]
        /// Input of k-means: the cluster branch before its ReLU, `[S N, D]`.
        public var features: [Scalar]
        /// `[S N, K]`.
        public var clusterLogits: [Scalar]
        /// `[S N, outputs]`.
        public var emotions: [Scalar]
    }

    /// Shape of the network.
    public let shape: Shape
    /// All trained parameters, except the layer that classifies clusters.
    public let parameters = Parameters<Scalar>()
    /// The layer that classifies the clusters of this epoch.
    public private(set) var clusterParameters = Parameters<Scalar>()
    private let encoder: Chain<Scalar>
    private let context: Chain<Scalar>
    private let toFeatures: Linear<Scalar>
    private let featureActivation = ActivationLayer<Scalar>(.relu)
    private var toClusters: Linear<Scalar>
    private let emotion: Chain<Scalar>
    private let input = SequenceBuffer<Scalar>()
    private let gradients = (SequenceBuffer<Scalar>(), SequenceBuffer<Scalar>(), SequenceBuffer<Scalar>())
    private var sentences = 0

    /// Draws the weights.
    public init(_ shape: Shape, random: inout TrainingRandom) {
        self.shape = shape
        let width = shape.width
        encoder = Chain(shape.encoderLayers(parameters, random: &random))
        context = Chain(shape.contextLayers(parameters, random: &random))
        toFeatures = Linear(parameters, "features", inputs: width, outputs: width, random: &random)
        toClusters = Linear(
            clusterParameters,
            "clusters",
            inputs: width,
            outputs: shape.clusters,
            random: &random
        )
        emotion = Chain([
            Linear(parameters, "emotion.0", inputs: width, outputs: width, random: &random),
            ActivationLayer(.relu),
            Linear(parameters, "emotion.2", inputs: width, outputs: shape.outputs, random: &random),
        ])
    }

    /// Replaces the layer that classifies clusters, for new clusters.
    public func forgetClusters(random: inout TrainingRandom) {
        clusterParameters = Parameters()
        toClusters = Linear(
            clusterParameters,
            "clusters",
            inputs: shape.width,
            outputs: shape.clusters,
            random: &random
        )
    }

    /// The output for chunks `[S N, m, F]` of `sentences` sentences; `random` is nil outside of training.
    public func forward(
        _ chunks: [Scalar],
        sentences: Int,
        random: UnsafeMutablePointer<TrainingRandom>? = nil
    ) -> Output {
        let dropout = random.map { DropoutSource($0) }
        let count = chunks.count / (shape.rows * shape.columns)
        self.sentences = sentences
        let x = input.load(chunks, batch: count, frames: shape.rows, channels: shape.columns)
        let e = encoder.forward(x, dropout)
            .reshaped(batch: sentences, frames: count / sentences, channels: shape.width)
        let h = context.forward(e, dropout)
        let features = toFeatures.forward(h, dropout)
        return Output(
            embeddings: h.values,
            features: features.values,
            clusterLogits: toClusters.forward(featureActivation.forward(features), dropout).values,
            emotions: emotion.forward(h, dropout).values
        )
    }

    /// Adds to the gradients of the parameters; the arguments are the loss's gradients with respect to ``Output``.
    /// A branch without a gradient learns nothing, such as the emotion branch without labels.
    public func backward(clusters: [Scalar], emotions: [Scalar]? = nil, embeddings: [Scalar]? = nil) {
        let count = clusters.count / shape.clusters
        let frames = count / sentences
        let d = gradients.0.load(clusters, batch: sentences, frames: frames, channels: shape.clusters)
        let dh = toFeatures.backward(featureActivation.backward(toClusters.backward(d)))
        if let emotions {
            let d = gradients.1.load(emotions, batch: sentences, frames: frames, channels: shape.outputs)
            dh.add(emotion.backward(d))
        }
        if let embeddings {
            dh.add(gradients.2.load(embeddings, batch: sentences, frames: frames, channels: shape.width))
        }
        let de = context.backward(dh).reshaped(batch: count, frames: 1, channels: shape.width)
        _ = encoder.backward(de)
    }
}

extension DeepEmoCluster.Shape {
    fileprivate func encoderLayers(_ parameters: Parameters<Scalar>, random: inout TrainingRandom)
        -> [any SequenceLayer<Scalar>]
    {
        var layers: [any SequenceLayer<Scalar>] = []
        var (rows, columns, inputs) = (rows, columns, 1)
        for (index, outputs) in channels.enumerated() {
            let stride = index < 2 ? 1 : 2
            layers += [
                Conv2d(
                    parameters,
                    "convolutions.\(index)",
                    width: columns,
                    inputs: inputs,
                    outputs: outputs,
                    stride: stride,
                    isFirst: index == 0,
                    random: &random
                ),
                BatchNorm(parameters, "norms.\(index)", channels: outputs), ActivationLayer(.relu),
            ]
            (rows, columns) = ((rows + stride - 1) / stride, (columns + stride - 1) / stride)
            inputs = outputs
        }
        let size = rows * columns * inputs
        let embedding = Linear<Scalar>(
            parameters,
            "embedding",
            inputs: size,
            outputs: width,
            random: &random
        )
        return layers + [Flatten(), embedding, ActivationLayer(.relu), Dropout(share: dropout)]
    }

    fileprivate func contextLayers(_ parameters: Parameters<Scalar>, random: inout TrainingRandom)
        -> [any SequenceLayer<Scalar>]
    {
        switch context {
        case .none: return []
        case .recurrent:
            return [
                Bidirectional(gru: parameters, "context", inputs: width, width: width, random: &random)
            ]
        case .convolution:
            var layers: [any SequenceLayer<Scalar>] = []
            for (index, channels) in [1, 16].enumerated() {
                layers += [
                    Conv2d(
                        parameters,
                        "context.\(index)",
                        width: width,
                        inputs: channels,
                        outputs: 17 - channels,
                        kernel: 5,
                        random: &random
                    ),
                    BatchNorm(parameters, "context_norms.\(index)", channels: 17 - channels),
                    ActivationLayer(.relu),
                ]
            }
            return layers + [Dropout(share: 0.3)]
        case .transformer: return transformerLayers(parameters, random: &random)
        }
    }

    /// PyTorch's `TransformerEncoderLayer` with one head and a hidden layer of the same width.
    private func transformerLayers(_ parameters: Parameters<Scalar>, random: inout TrainingRandom)
        -> [any SequenceLayer<Scalar>]
    {
        func linear(_ name: String) -> Linear<Scalar> {
            Linear(parameters, name, inputs: width, outputs: width, random: &random)
        }
        let attention = SelfAttention<Scalar>(
            parameters,
            "context.attention",
            inputs: width,
            heads: 1,
            headSize: width,
            random: &random
        )
        return [
            SinusoidalPositions(),
            ResidualBlock([attention, linear("context.out")], dropout: 0.3),
            LayerNorm(parameters, "context.norm1", channels: width),
            ResidualBlock(
                [
                    linear("context.linear1"), ActivationLayer(.relu), Dropout(share: 0.3),
                    linear("context.linear2"),
                ],
                dropout: 0.3
            ),
            LayerNorm(parameters, "context.norm2", channels: width),
        ]
    }
}
