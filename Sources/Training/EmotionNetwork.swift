// SPDX-License-Identifier: Apache-2.0

/// The numbers that make one network: those of a model's `config.json`.
public struct NetworkShape: Sendable, Equatable {
    /// Values in a feature frame.
    public var inputs: Int
    /// Channels inside.
    public var width: Int
    /// Kernel and stride of each front convolution.
    public var front: [(kernel: Int, stride: Int)]
    /// Kernel of the blocks.
    public var kernel: Int
    /// Dilation of each block.
    public var dilations: [Int]
    /// Emotion classes.
    public var classes: Int
    /// Share of numbers dropped while training.
    public var dropout: Double

    /// A shape from its numbers.
    public init(
        inputs: Int,
        width: Int,
        front: [(kernel: Int, stride: Int)],
        kernel: Int,
        dilations: [Int],
        classes: Int,
        dropout: Double
    ) {
        (self.inputs, self.width, self.front, self.kernel) = (inputs, width, front, kernel)
        (self.dilations, self.classes, self.dropout) = (dilations, classes, dropout)
    }

    public static func == (a: NetworkShape, b: NetworkShape) -> Bool {
        a.inputs == b.inputs && a.width == b.width && a.kernel == b.kernel && a.dilations == b.dilations
            && a.classes == b.classes && a.front.elementsEqual(b.front, by: ==)
    }

    /// Feature frames for each embedding.
    public var stride: Int { front.reduce(1) { $0 * $1.stride } }
}

/// A batch of clips for training.
public struct TrainingBatch<Scalar: TrainingScalar> {
    /// Clips.
    public var count: Int
    /// Feature frames of the longest clip.
    public var frames: Int
    /// `[count, frames, inputs]`, padded with zeros at the end; already normalised.
    public var features: [Scalar]
    /// `[count, U]`, 1 where the clip has an embedding, 0 in the padding.
    public var mask: [Scalar]

    /// A batch from its parts.
    public init(count: Int, frames: Int, features: [Scalar], mask: [Scalar]) {
        (self.count, self.frames, self.features, self.mask) = (count, frames, features, mask)
    }
}

/// `EmotionEncoder`'s network for training: a batch forward, gradients backward.
///
///     features ─► front ─► blocks ─► norm ─► embeddings ─┬─► speech logits
///                                                        └─► attention pool, once for each view ─► class logits
///
/// A view is a mask over embeddings: the whole clip, or its beginning, so that early answers are trained too.
public final class EmotionNetwork<Scalar: TrainingScalar> {
    /// What it was built from.
    public let shape: NetworkShape
    /// Every number that is trained.
    public let parameters = Parameters<Scalar>()
    private let front: [CausalConvolution<Scalar>]
    private let blocks: [ResidualBlock<Scalar>]
    private let norm: LayerNormalization<Scalar>
    private let speech: LinearLayer<Scalar>
    private let attention: LinearLayer<Scalar>
    private let classes: LinearLayer<Scalar>
    private let poolDropout: Dropout<Scalar>
    private var pools: [AttentionPool<Scalar>] = []
    private var outside: [Workspace<Scalar>] = []
    private let input = Workspace<Scalar>()
    private let pooled = Workspace<Scalar>()
    private let embeddingGradients = Workspace<Scalar>()
    private let scoreGradients = Workspace<Scalar>()
    private let speechGradients = Workspace<Scalar>()
    private let classGradients = Workspace<Scalar>()
    private var embeddings: Sequences<Scalar>?
    private var scores: Sequences<Scalar>?

    /// Draws the weights as PyTorch does, from `random`.
    public init(_ shape: NetworkShape, random: inout TrainingRandom) {
        self.shape = shape
        var channels = shape.inputs
        var front: [CausalConvolution<Scalar>] = []
        for (index, layer) in shape.front.enumerated() {
            front.append(
                CausalConvolution(
                    parameters,
                    "front.\(index)",
                    inputs: channels,
                    outputs: shape.width,
                    taps: layer.kernel,
                    stride: layer.stride,
                    random: &random
                )
            )
            channels = shape.width
        }
        self.front = front
        var blocks: [ResidualBlock<Scalar>] = []
        for (index, dilation) in shape.dilations.enumerated() {
            blocks.append(
                ResidualBlock(parameters, "blocks.\(index)", shape, dilation: dilation, random: &random)
            )
        }
        self.blocks = blocks
        norm = LayerNormalization(parameters, "norm", channels: shape.width)
        speech = LinearLayer(parameters, "speech", inputs: shape.width, outputs: 1, random: &random)
        attention = LinearLayer(parameters, "attention", inputs: shape.width, outputs: 1, random: &random)
        classes = LinearLayer(
            parameters,
            "classes",
            inputs: shape.width,
            outputs: shape.classes,
            random: &random
        )
        poolDropout = Dropout(share: shape.dropout)
    }

    /// What a forward pass says. Row-major.
    public struct Output {
        /// `[views, B, classes]`.
        public var classLogits: [Scalar]
        /// `[B, U]`.
        public var speechLogits: [Scalar]
    }

    /// Embeddings of a batch for `frames` feature frames.
    public func embeddingCount(frames: Int) -> Int {
        shape.front.reduce(frames) { ($0 + $1.stride - 1) / $1.stride }
    }

    /// - Parameters:
    ///   - views: masks `[B, U]` over the embeddings, each pooled to class logits of its own.
    ///   - random: the source of dropout; nil outside of training.
    ///   - gate: speech weights `[B, U]` to pool with, instead of what the speech head says. The head's own gate gets
    ///     no gradient, so finite differences agree with ``backward`` only under a fixed one.
    public func forward(
        _ batch: TrainingBatch<Scalar>,
        views: [[Scalar]],
        random: UnsafeMutablePointer<TrainingRandom>? = nil,
        gate: [Scalar]? = nil
    ) -> Output {
        var x = load(batch)
        for layer in front {
            x = layer.forward(x)
            Scalar.relu(x.data, count: x.count)
        }
        for block in blocks { x = block.forward(x, random) }
        let e = norm.forward(x)
        let s = speech.forward(e)
        let a = attention.forward(e)
        (embeddings, scores) = (e, a)
        let logits = classes.forward(pool(e, s, a, views, gate, random))
        return Output(classLogits: copy(logits), speechLogits: copy(s))
    }

    /// Adds to `parameters`' gradients; the arguments are the gradients of the loss by ``Output``.
    public func backward(classGradients dClasses: [Scalar], speechGradients dSpeech: [Scalar]) {
        guard let e = embeddings, let a = scores else { preconditionFailure("backward before forward") }
        let de = Sequences(
            batch: e.batch,
            frames: e.frames,
            channels: e.channels,
            data: embeddingGradients.zeros(e.count)
        )
        let dPooled = classes.backward(
            view(classGradients, dClasses, batch: dClasses.count / shape.classes, frames: 1, shape.classes)
        )
        poolDropout.backward(dPooled)
        let dScores = Sequences(
            batch: e.batch,
            frames: e.frames,
            channels: 1,
            data: scoreGradients.zeros(e.rows)
        )
        for (index, pool) in pools.enumerated() {
            let part = Sequences(
                batch: e.batch,
                frames: 1,
                channels: e.channels,
                data: dPooled.data + index * e.batch * e.channels
            )
            pool.backward(part, e, scores: a, de: de, dScores: dScores)
        }
        Scalar.add(de.data, attention.backward(dScores).data, count: de.count)
        let ds = view(speechGradients, dSpeech, batch: e.batch, frames: e.frames, 1)
        Scalar.add(de.data, speech.backward(ds).data, count: de.count)
        backward(embeddings: de)
    }
}

extension EmotionNetwork {
    private func backward(embeddings de: Sequences<Scalar>) {
        var dx = norm.backward(de)
        for block in blocks.reversed() { dx = block.backward(dx) }
        for (index, layer) in front.enumerated().reversed() {
            Scalar.reluGradient(dx.data, layer.lastOutput.data, count: dx.count)
            dx = layer.backward(dx, inputGradientIsNeeded: index > 0)
        }
    }

    private func load(_ batch: TrainingBatch<Scalar>) -> Sequences<Scalar> {
        view(input, batch.features, batch: batch.count, frames: batch.frames, shape.inputs)
    }

    private func view(
        _ workspace: Workspace<Scalar>,
        _ values: [Scalar],
        batch: Int,
        frames: Int,
        _ channels: Int
    ) -> Sequences<Scalar> {
        precondition(values.count == batch * frames * channels, "\(values.count) numbers for a batch")
        let data = workspace.reserve(values.count)
        for index in values.indices { data[index] = values[index] }
        return Sequences(batch: batch, frames: frames, channels: channels, data: data)
    }

    private func copy(_ x: Sequences<Scalar>) -> [Scalar] {
        Array(UnsafeBufferPointer(start: x.data, count: x.count))
    }

    private func pool(
        _ e: Sequences<Scalar>,
        _ s: Sequences<Scalar>,
        _ a: Sequences<Scalar>,
        _ views: [[Scalar]],
        _ gate: [Scalar]?,
        _ random: UnsafeMutablePointer<TrainingRandom>?
    ) -> Sequences<Scalar> {
        while pools.count < views.count { pools.append(AttentionPool()) }
        pools.removeLast(pools.count - views.count)
        while outside.count < views.count { outside.append(Workspace()) }
        let size = e.batch * e.channels
        let all = Sequences(
            batch: views.count * e.batch,
            frames: 1,
            channels: e.channels,
            data: pooled.reserve(views.count * size)
        )
        for (index, mask) in views.enumerated() {
            let weights = outside[index].reserve(e.rows)
            for row in 0..<e.rows {
                weights[row] = mask[row] * (gate?[row] ?? 1 / (1 + Scalar.exp(-s.data[row])))
            }
            let part = pools[index].forward(e, scores: a, outside: weights)
            (all.data + index * size).update(from: part.data, count: size)
        }
        poolDropout.forward(all, random)
        return all
    }
}
