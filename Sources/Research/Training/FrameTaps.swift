// SPDX-License-Identifier: Apache-2.0

/// Gathers the taps of a network into the frames that are pooled, and splits the gradients again.
final class FrameTaps<Scalar: TrainingScalar> {
    private let taps: [NetworkShape.Tap]
    // Offset of each tap in a frame.
    private let places: [NetworkShape.Tap: Int]
    /// Index of the prediction among the frame heads; nil unless it is a tap.
    let predictionHead: Int?
    private let frames = Workspace<Scalar>()
    private let frameGradients = Workspace<Scalar>()
    private let embeddingGradients = Workspace<Scalar>()
    private let predictionGradients = Workspace<Scalar>()
    private let width: Int
    private let predictionCount: Int
    private var isPlain: Bool { taps == [.embedding] }

    init(_ shape: NetworkShape) {
        taps = shape.taps
        (width, predictionCount) = (shape.width, shape.predictionCount)
        precondition(
            taps == [.embedding] || shape.pooling == .statistics,
            "taps other than the embedding need pooling by statistics"
        )
        precondition(!taps.isEmpty && Set(taps).count == taps.count, "taps are empty or repeated")
        predictionHead =
            taps.contains(.prediction)
            ? shape.frameHeads.firstIndex { $0.name == NetworkShape.predictionHead } : nil
        precondition(
            predictionHead != nil || !taps.contains(.prediction),
            "the tap prediction needs the frame head \(NetworkShape.predictionHead)"
        )
        var (places, next) = ([NetworkShape.Tap: Int](), 0)
        for tap in taps {
            places[tap] = next
            next += shape.channelCount(of: tap)
        }
        self.places = places
    }

    /// The frames `[B, U, C]`: a copy of the taps, or the embeddings themselves if they are the only tap.
    func forward(blocks: Sequences<Scalar>, embeddings: Sequences<Scalar>, heads: [Sequences<Scalar>])
        -> Sequences<Scalar>
    {
        guard !isPlain else { return embeddings }
        let sources = taps.map { tap in
            switch tap {
            case .blocks: blocks
            case .embedding: embeddings
            case .prediction: heads[predictionHead ?? 0]
            }
        }
        let x = embeddings.like(frames, channels: sources.reduce(0) { $0 + $1.channels })
        for (tap, source) in zip(taps, sources) {
            let place = places[tap] ?? 0
            for row in 0..<x.rows {
                (x.data + row * x.channels + place)
                    .update(from: source.data + row * source.channels, count: source.channels)
            }
        }
        return x
    }

    /// Zeros for the gradient of the frames.
    func zeroGradients(like x: Sequences<Scalar>) -> Sequences<Scalar> { x.zeros(frameGradients) }

    /// The gradient of the embeddings; zeros if they are not a tap.
    func embeddingGradients(_ dx: Sequences<Scalar>) -> Sequences<Scalar> {
        guard !isPlain else { return dx }
        return part(.embedding, of: dx, width, embeddingGradients)
            ?? dx.zeros(embeddingGradients, channels: width)
    }

    /// The gradient of the prediction; nil if it is not a tap.
    func predictionGradients(_ dx: Sequences<Scalar>) -> Sequences<Scalar>? {
        part(.prediction, of: dx, predictionCount, predictionGradients)
    }

    private func part(
        _ tap: NetworkShape.Tap,
        of dx: Sequences<Scalar>,
        _ channels: Int,
        _ workspace: Workspace<Scalar>
    ) -> Sequences<Scalar>? {
        guard let place = places[tap] else { return nil }
        let part = dx.like(workspace, channels: channels)
        for row in 0..<dx.rows {
            (part.data + row * channels).update(from: dx.data + row * dx.channels + place, count: channels)
        }
        return part
    }

    /// Adds the gradient of the blocks' output to `db`, if that is a tap.
    func addBlockGradients(_ dx: Sequences<Scalar>, to db: Sequences<Scalar>) {
        guard let place = places[.blocks] else { return }
        for row in 0..<dx.rows {
            Scalar.add(db.data + row * width, dx.data + row * dx.channels + place, count: width)
        }
    }
}

/// y = (x - mean) / deviation with two constant tensors, `pool.mean` and `pool.deviation`.
///
/// They get no gradient and, as vectors, no decay, so the optimiser does not change the caller's values.
final class Standardization<Scalar: TrainingScalar> {
    private let mean: Parameter<Scalar>
    private let deviation: Parameter<Scalar>
    private let inverse = Workspace<Scalar>()
    private let output = Workspace<Scalar>()
    private let channels: Int

    init(_ parameters: Parameters<Scalar>, channels: Int) {
        self.channels = channels
        mean = parameters.add("pool.mean", [channels]) { 0 }
        deviation = parameters.add("pool.deviation", [channels]) { 1 }
    }

    /// A standardised copy.
    func forward(_ x: Sequences<Scalar>) -> Sequences<Scalar> {
        let inverse = inverse.reserve(channels)
        for c in 0..<channels { inverse[c] = 1 / deviation.values[c] }
        let y = x.like(output)
        y.data.update(from: x.data, count: x.count)
        for row in 0..<x.rows {
            Scalar.addScaled(y.data + row * channels, mean.values, -1, count: channels)
            Scalar.multiply(y.data + row * channels, inverse, count: channels)
        }
        return y
    }

    /// The gradient of the input, in place.
    func backward(_ dy: Sequences<Scalar>) {
        for row in 0..<dy.rows { Scalar.multiply(dy.data + row * channels, inverse.pointer, count: channels) }
    }
}
