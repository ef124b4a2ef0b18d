// SPDX-License-Identifier: Apache-2.0

/// `EmotionEncoder`'s network for training, forward and backward over a batch.
///
///     features ─► front ─► blocks ─► norm ─► embeddings ─┬─► speech logits
///                            ┊                  ┊        ├─► frame heads ┈┐
///                            └┈┈┈┈┈┈┈ taps ┈┈┈┈┈┴┈┈┈┈┈┈┈┈┼┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┘
///                                                        └─► pool, once for each view ─┬─► class logits
///                                                                                      └─► pooled heads
///
/// With the pooling `statistics` the pool reads all taps of the shape, not only the embeddings, and its output
/// is standardised by the tensors `pool.mean` and `pool.deviation` before any head reads it. Those two are constants:
/// 0 and 1 until the caller sets them, without a gradient and, as vectors, without decay.
///
/// A view is a mask over embeddings: the whole clip, its beginning (to train early estimates too) or a chunk of it. The
/// heads other than speech and classes exist only in training, for pretext tasks and secondary tasks.
public final class EmotionNetwork<Scalar: TrainingScalar> {
    /// Shape of the network.
    public let shape: NetworkShape
    /// All trained parameters.
    public let parameters = Parameters<Scalar>()
    private let blocks: [any SequenceLayer<Scalar>]
    private let recurrence: [any SequenceLayer<Scalar>]
    private let taps: FrameTaps<Scalar>
    // Only with the pooling `statistics`.
    private let standardization: Standardization<Scalar>?
    private let speech: Linear<Scalar>
    // Scores of the embeddings for the pool; none for a mean.
    private let scoring: Linear<Scalar>?
    private let classHead: [any SequenceLayer<Scalar>]
    private let pooledHeads: [Linear<Scalar>]
    private let frameHeads: [Linear<Scalar>]
    private let poolDropout: Dropout<Scalar>
    private var pools: [Pool<Scalar>] = []
    private var outside: [Workspace<Scalar>] = []
    private let input = SequenceBuffer<Scalar>()
    private let pooled = Workspace<Scalar>()
    private let speechGate = Workspace<Scalar>()
    private let scoreGradients = Workspace<Scalar>()
    private let speechGradients = SequenceBuffer<Scalar>()
    private let classGradients = SequenceBuffer<Scalar>()
    private let headGradients: [SequenceBuffer<Scalar>]
    private var embeddings: Sequences<Scalar>?
    private var frames: Sequences<Scalar>?
    private var scores: Sequences<Scalar>?

    /// Draws the weights as PyTorch does, from `random`.
    public init(_ shape: NetworkShape, random: inout TrainingRandom) {
        self.shape = shape
        blocks = shape.blockBody(parameters, random: &random)
        recurrence = shape.recurrentBody(parameters, random: &random)
        taps = FrameTaps(shape)
        speech = Linear(parameters, "speech", inputs: shape.width, outputs: 1, random: &random)
        scoring = shape.layers(of: shape.pooling.scores, parameters, random: &random).first
        classHead = shape.classHead(parameters, random: &random)
        pooledHeads = shape.layers(
            of: shape.pooledHeads,
            parameters,
            inputs: shape.pooledCount,
            random: &random
        )
        frameHeads = shape.layers(of: shape.frameHeads, parameters, random: &random)
        standardization =
            shape.pooling == .statistics ? Standardization(parameters, channels: shape.pooledCount) : nil
        headGradients = (pooledHeads + frameHeads).map { _ in SequenceBuffer() }
        poolDropout = Dropout(share: shape.pooledDropout)
    }

    /// Output of a forward pass, row-major.
    public struct Output {
        /// `[views, B, classes]`.
        public var classLogits: [Scalar]
        /// `[B, U]`.
        public var speechLogits: [Scalar]
        /// The pooled vector of every view, `[views, B, pooledCount]`. With the pooling `statistics` it is taken
        /// before dropout and before `pool.mean` and `pool.deviation`, otherwise after dropout.
        public var pooled: [Scalar]
        /// Outputs of each of the shape's pooled heads, `[views, B, outputs]`.
        public var pooledHeads: [[Scalar]]
        /// Outputs of each of the shape's frame heads, `[B, U, outputs]`.
        public var frameHeads: [[Scalar]]
    }

    /// Number of embeddings for `frames` feature frames.
    public func embeddingCount(frames: Int) -> Int {
        shape.front.reduce(frames) { ($0 + $1.stride - 1) / $1.stride }
    }

    /// - Parameters:
    ///   - views: masks `[B, U]` over the embeddings, each pooled to its own class logits.
    ///   - random: the source of dropout; nil outside of training.
    ///   - share: this part of a larger batch, if other processes handle the rest.
    ///   - gate: speech weights `[B, U]` for the pool, instead of the speech head's output. The head's own gate gets no
    ///     gradient, so finite differences agree with ``backward`` only if the gate is fixed.
    public func forward(
        _ batch: TrainingBatch<Scalar>,
        views: [[Scalar]],
        random: UnsafeMutablePointer<TrainingRandom>? = nil,
        share: BatchShare? = nil,
        gate: [Scalar]? = nil
    ) -> Output {
        let features = input.load(
            batch.features,
            batch: batch.count,
            frames: batch.frames,
            channels: shape.inputs
        )
        let dropout = random.map { DropoutSource($0, share: share) }
        let b = blocks.reduce(features) { $1.forward($0, dropout) }
        let e = recurrence.reduce(b) { $1.forward($0, dropout) }
        let s = speech.forward(e)
        let a = scoring?.forward(e)
        let heads = frameHeads.map { $0.forward(e) }
        let x = taps.forward(blocks: b, embeddings: e, heads: heads)
        (embeddings, frames, scores) = (e, x, a)
        let raw = pool(x, speech: s, scores: a, views: views, gate: gate)
        let pooled = standardization?.forward(raw) ?? raw
        poolDropout.forward(pooled, dropout)
        let logits = classHead.reduce(pooled) { $1.forward($0, dropout) }
        return Output(
            classLogits: logits.values,
            speechLogits: s.values,
            pooled: raw.values,
            pooledHeads: pooledHeads.map { $0.forward(pooled).values },
            frameHeads: heads.map(\.values)
        )
    }

    /// Adds to `parameters`' gradients; the arguments are the loss's gradients with respect to each part of ``Output``.
    ///
    /// A head without a gradient learns nothing, and its backward pass is skipped.
    public func backward(
        classGradients dClasses: [Scalar],
        speechGradients dSpeech: [Scalar],
        pooledHeadGradients: [[Scalar]] = [],
        frameHeadGradients: [[Scalar]] = []
    ) {
        guard let e = embeddings, let frames else { preconditionFailure("backward before forward") }
        let dPooled = pooledGradients(dClasses, pooledHeadGradients)
        let dFrames = taps.zeroGradients(like: frames)
        let dScores = e.zeros(scoreGradients, channels: 1)
        for (index, pool) in pools.enumerated() {
            let part = Sequences(
                batch: e.batch,
                frames: 1,
                channels: shape.pooledCount,
                data: dPooled.data + index * e.batch * shape.pooledCount
            )
            pool.backward(part, frames, scores: scores, de: dFrames, dScores: dScores)
        }
        let de = taps.embeddingGradients(dFrames)
        if let scoring { Scalar.add(de.data, scoring.backward(dScores).data, count: de.count) }
        let ds = speechGradients.load(dSpeech, batch: e.batch, frames: e.frames, channels: 1)
        Scalar.add(de.data, speech.backward(ds).data, count: de.count)
        addFrameHeads(frameHeadGradients, taps.predictionGradients(dFrames), to: de)
        let db = recurrence.reversed().reduce(de) { $1.backward($0) }
        taps.addBlockGradients(dFrames, to: db)
        _ = blocks.reversed().reduce(db) { $1.backward($0) }
    }
}

extension EmotionNetwork {
    /// The gradient of the pools' outputs.
    private func pooledGradients(_ dClasses: [Scalar], _ pooledHeadGradients: [[Scalar]]) -> Sequences<Scalar>
    {
        let dLogits = classGradients.load(
            dClasses,
            batch: dClasses.count / shape.classes,
            frames: 1,
            channels: shape.classes
        )
        let dPooled = classHead.reversed().reduce(dLogits) { $1.backward($0) }
        for (index, gradient) in pooledHeadGradients.enumerated() {
            let dHead = headGradients[index].load(
                gradient,
                batch: dPooled.batch,
                frames: 1,
                channels: shape.pooledHeads[index].outputs
            )
            Scalar.add(dPooled.data, pooledHeads[index].backward(dHead).data, count: dPooled.count)
        }
        poolDropout.backward(dPooled)
        standardization?.backward(dPooled)
        return dPooled
    }

    /// Adds the gradients through the frame heads to `de`: the given ones and those of a tapped prediction.
    private func addFrameHeads(
        _ given: [[Scalar]],
        _ prediction: Sequences<Scalar>?,
        to de: Sequences<Scalar>
    ) {
        for (index, head) in frameHeads.enumerated() {
            let tapped = index == taps.predictionHead ? prediction : nil
            var gradient = tapped
            if index < given.count {
                let loaded = headGradients[pooledHeads.count + index].load(
                    given[index],
                    batch: de.batch,
                    frames: de.frames,
                    channels: shape.frameHeads[index].outputs
                )
                if let tapped { loaded.add(tapped) }
                gradient = loaded
            }
            if let gradient { Scalar.add(de.data, head.backward(gradient).data, count: de.count) }
        }
    }

    private func pool(
        _ x: Sequences<Scalar>,
        speech s: Sequences<Scalar>,
        scores a: Sequences<Scalar>?,
        views: [[Scalar]],
        gate: [Scalar]?
    ) -> Sequences<Scalar> {
        while pools.count < views.count { pools.append(Pool(shape.pooling)) }
        pools.removeLast(pools.count - views.count)
        while outside.count < views.count { outside.append(Workspace()) }
        let size = x.batch * shape.pooledCount
        let all = Sequences(
            batch: views.count * x.batch,
            frames: 1,
            channels: shape.pooledCount,
            data: pooled.reserve(views.count * size)
        )
        let open = speechGate.reserve(x.rows)
        Scalar.sigmoid(s.data, into: open, count: x.rows)
        for (index, mask) in views.enumerated() {
            precondition(mask.count == x.rows, "a view of \(mask.count) embeddings, not \(x.rows)")
            let weights = outside[index].reserve(x.rows)
            weights.update(from: mask, count: x.rows)
            if let gate {
                Scalar.multiply(weights, gate, count: x.rows)
            } else {
                Scalar.multiply(weights, open, count: x.rows)
            }
            let part = pools[index].forward(x, scores: a, outside: weights)
            (all.data + index * size).update(from: part.data, count: size)
        }
        return all
    }
}

extension NetworkShape {
    /// The layers from the pooled embedding to class logits.
    func classHead<Scalar: TrainingScalar>(
        _ parameters: Parameters<Scalar>,
        random: inout TrainingRandom
    ) -> [any SequenceLayer<Scalar>] {
        guard hiddenCount > 0 else {
            return [
                Linear(parameters, "classes", inputs: pooledCount, outputs: classes, random: &random)
            ]
        }
        let hidden = Linear<Scalar>(
            parameters,
            "hidden",
            inputs: pooledCount,
            outputs: hiddenCount,
            random: &random
        )
        let last = Linear<Scalar>(
            parameters,
            "classes",
            inputs: hiddenCount,
            outputs: classes,
            random: &random
        )
        return [hidden, ActivationLayer(activation), last]
    }

    /// The heads that exist only in training; each reads `inputs` values (default `width`).
    func layers<Scalar: TrainingScalar>(
        of heads: [Head],
        _ parameters: Parameters<Scalar>,
        inputs: Int? = nil,
        random: inout TrainingRandom
    ) -> [Linear<Scalar>] {
        heads.map {
            Linear(parameters, $0.name, inputs: inputs ?? width, outputs: $0.outputs, random: &random)
        }
    }
}
