// SPDX-License-Identifier: Apache-2.0
public import Training

/// A network that estimates emotion from the chunks of a sentence (Lin & Busso, Interspeech 2020, and "Chunk-level speech
/// emotion recognition", TAFFC 14(2), 2023; follows their published Keras code).
///
///     chunks [S N, m, F] ─► encoder ─► [S N, D] as [S, N, D] ─► aggregation ─► [S, D] ─► D, ReLU ─► K outputs
///
/// S sentences, N chunks of m frames of F values, width D (130 in the paper).
///
/// Encoders: two LSTMs, of which the last frame goes through batch normalisation; or five convolutions without padding
/// (D, D, D/2, D/2, D/4 channels for the paper's 128, 128, 64, 64, 32; the last of stride 2), each with batch
/// normalisation and ReLU, flattened into D. Aggregations: the mean; sigmoid gates, the mean of g x; attention by the
/// last state of a recurrence; three heads of self-attention with a residual and layer normalisation, then the mean.
public final class ChunkLevelModel<Scalar: TrainingScalar> {
    /// The encoder of a chunk.
    public enum Encoder: String, Codable, Sendable, CaseIterable { case lstm, convolution }
    /// The layer that combines the chunks into one vector.
    public enum Aggregation: String, Codable, Sendable, CaseIterable {
        case mean, gated
        case recurrentAttention = "recurrent attention"
        case selfAttention = "self-attention"
    }

    /// The dimensions of a model.
    public struct Shape: Sendable {
        /// The parts.
        public var encoder: Encoder, aggregation: Aggregation
        /// F, m, N, D, K.
        public var inputs: Int, frames: Int, chunks: Int, width: Int, outputs: Int
        /// Share dropped after each LSTM (the paper's 0.5) and in the hidden layer of the outputs.
        public var dropout: Double

        /// Each parameter sets the property of its name.
        public init(
            _ encoder: Encoder,
            _ aggregation: Aggregation,
            inputs: Int,
            frames: Int,
            chunks: Int,
            width: Int,
            outputs: Int,
            dropout: Double
        ) {
            (self.encoder, self.aggregation, self.inputs, self.frames) = (
                encoder, aggregation, inputs, frames
            )
            (self.chunks, self.width, self.outputs, self.dropout) = (chunks, width, outputs, dropout)
        }
    }

    /// Shape of the network.
    public let shape: Shape
    /// All trained parameters.
    public let parameters = Parameters<Scalar>()
    private let encoder: Chain<Scalar>
    private let aggregation: any SequenceLayer<Scalar>
    private let outputs: Chain<Scalar>
    private let input = SequenceBuffer<Scalar>()
    private let gradient = SequenceBuffer<Scalar>()

    /// Draws the weights as PyTorch does.
    public init(_ shape: Shape, random: inout TrainingRandom) {
        self.shape = shape
        encoder = Chain(shape.encoderLayers(parameters, random: &random))
        aggregation = shape.aggregationLayer(parameters, random: &random)
        outputs = Chain([
            Linear(parameters, "hidden", inputs: shape.width, outputs: shape.width, random: &random),
            ActivationLayer(.relu), Dropout(share: shape.dropout),
            Linear(parameters, "outputs", inputs: shape.width, outputs: shape.outputs, random: &random),
        ])
    }

    /// The outputs `[S, K]` for chunks `[S, N, m, F]`; `random` is the source of dropout, nil outside of training.
    public func forward(
        _ chunks: [Scalar],
        sentences: Int,
        random: UnsafeMutablePointer<TrainingRandom>? = nil
    ) -> [Scalar] {
        let dropout = random.map { DropoutSource($0) }
        let x = input.load(
            chunks,
            batch: sentences * shape.chunks,
            frames: shape.frames,
            channels: shape.inputs
        )
        let e = encoder.forward(x, dropout)
            .reshaped(batch: sentences, frames: shape.chunks, channels: shape.width)
        return outputs.forward(aggregation.forward(e, dropout), dropout).values
    }

    /// Adds to the gradients of the parameters; `dOutputs` is the gradient of the loss by the outputs.
    public func backward(_ dOutputs: [Scalar], sentences: Int) {
        let d = gradient.load(dOutputs, batch: sentences, frames: 1, channels: shape.outputs)
        let de = aggregation.backward(outputs.backward(d))
            .reshaped(batch: sentences * shape.chunks, frames: 1, channels: shape.width)
        _ = encoder.backward(de)
    }
}

extension ChunkLevelModel.Shape {
    fileprivate func encoderLayers(_ parameters: Parameters<Scalar>, random: inout TrainingRandom)
        -> [any SequenceLayer<Scalar>]
    {
        switch encoder {
        case .lstm: lstmLayers(parameters, random: &random)
        case .convolution: convolutionLayers(parameters, random: &random)
        }
    }

    private func lstmLayers(_ parameters: Parameters<Scalar>, random: inout TrainingRandom)
        -> [any SequenceLayer<Scalar>]
    {
        var layers: [any SequenceLayer<Scalar>] = []
        for layer in 0..<2 {
            layers.append(
                LSTM(
                    parameters,
                    "lstm",
                    layer: layer,
                    inputs: layer == 0 ? inputs : width,
                    hidden: width,
                    random: &random
                )
            )
            layers.append(Dropout(share: dropout, sparesInput: true))
        }
        return layers + [KeptFrames(.last), BatchNorm(parameters, "norm", channels: width)]
    }

    private func convolutionLayers(_ parameters: Parameters<Scalar>, random: inout TrainingRandom)
        -> [any SequenceLayer<Scalar>]
    {
        var layers: [any SequenceLayer<Scalar>] = []
        var (channels, left) = (inputs, frames)
        for (index, outputs) in [width, width, width / 2, width / 2, width / 4].enumerated() {
            let stride = index == 4 ? 2 : 1
            layers += [
                CausalConv1d(
                    parameters,
                    "convolutions.\(index)",
                    inputs: channels,
                    outputs: outputs,
                    taps: 3,
                    stride: stride,
                    isFirst: index == 0,
                    random: &random
                ),
                KeptFrames(.afterFirst(2 / stride)),
                BatchNorm(parameters, "norms.\(index)", channels: outputs),
                ActivationLayer(.relu),
            ]
            (channels, left) = (outputs, (left - 3) / stride + 1)
        }
        let flat = Linear(
            parameters,
            "flat",
            inputs: left * channels,
            outputs: width,
            random: &random
        )
        return layers + [Flatten(), flat, ActivationLayer(.relu)]
    }

    fileprivate func aggregationLayer(_ parameters: Parameters<Scalar>, random: inout TrainingRandom)
        -> any SequenceLayer<Scalar>
    {
        switch aggregation {
        case .mean: return PooledFrames(parameters, "pool", .mean, channels: width, random: &random)
        case .gated: return PooledFrames(parameters, "pool", .gated, channels: width, random: &random)
        case .recurrentAttention:
            return RecurrentAttention(parameters, "attention", channels: width, random: &random)
        case .selfAttention:
            let (heads, size) = (3, max(1, width * 50 / 130))
            let attention: [any SequenceLayer<Scalar>] = [
                SelfAttention(
                    parameters,
                    "attention",
                    inputs: width,
                    heads: heads,
                    headSize: size,
                    random: &random
                ),
                Linear(parameters, "heads", inputs: heads * size, outputs: width, random: &random),
                ActivationLayer(.relu),
            ]
            return Chain([
                ResidualBlock(attention, dropout: 0),
                LayerNorm(parameters, "attention_norm", channels: width),
                PooledFrames(parameters, "pool", .mean, channels: width, random: &random),
            ])
        }
    }
}
