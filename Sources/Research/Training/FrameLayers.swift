// SPDX-License-Identifier: Apache-2.0

/// A selection of each sequence's frames: all but the first few, or only the last.
///
/// A convolution without padding equals ``CausalConv1d`` without its first frames.
public final class KeptFrames<Scalar: TrainingScalar>: SequenceLayer {
    /// The frames to keep.
    public enum Kind: Sendable {
        /// All but the first few; the value is their number.
        case afterFirst(Int)
        /// Only the last.
        case last
    }

    private let kind: Kind
    private let output = Workspace<Scalar>()
    private let inputGradients = Workspace<Scalar>()
    private var frames = 0

    /// A layer without weights.
    public init(_ kind: Kind) { self.kind = kind }

    /// `[B, kept, C]`, a copy.
    public func forward(_ x: Sequences<Scalar>, _ dropout: DropoutSource? = nil) -> Sequences<Scalar> {
        frames = x.frames
        let (first, size) = (first, x.channels)
        let kept = x.frames - first
        let y = Sequences(
            batch: x.batch,
            frames: kept,
            channels: size,
            data: output.reserve(x.batch * kept * size)
        )
        for b in 0..<x.batch {
            (y.data + b * kept * size).update(
                from: x.data + (b * x.frames + first) * size,
                count: kept * size
            )
        }
        return y
    }

    /// The gradient of the input; zero for the frames that were left out.
    public func backward(_ dy: Sequences<Scalar>) -> Sequences<Scalar> {
        let size = dy.channels
        let count = dy.batch * frames * size
        let dx = Sequences(batch: dy.batch, frames: frames, channels: size, data: inputGradients.zeros(count))
        for b in 0..<dy.batch {
            (dx.data + (b * frames + first) * size).update(
                from: dy.data + b * dy.frames * size,
                count: dy.frames * size
            )
        }
        return dx
    }

    private var first: Int {
        switch kind {
        case .afterFirst(let count): min(count, frames - 1)
        case .last: frames - 1
        }
    }
}

/// Flattening of a sequence into one frame: `[B, T, C]` to `[B, 1, T C]`.
public final class Flatten<Scalar: TrainingScalar>: SequenceLayer {
    private var frames = 0

    /// A layer without weights.
    public init() {}

    /// The same values in the other shape.
    public func forward(_ x: Sequences<Scalar>, _ dropout: DropoutSource? = nil) -> Sequences<Scalar> {
        frames = x.frames
        return x.reshaped(batch: x.batch, frames: 1, channels: x.frames * x.channels)
    }

    /// The same values in the other shape.
    public func backward(_ dy: Sequences<Scalar>) -> Sequences<Scalar> {
        dy.reshaped(batch: dy.batch, frames: frames, channels: dy.channels / frames)
    }
}

/// ``Pool`` over all frames of a sequence, as a layer with its own scores: `[B, T, C]` to `[B, 1, C]`.
public final class PooledFrames<Scalar: TrainingScalar>: SequenceLayer {
    private let pool: Pool<Scalar>
    private let scoring: Linear<Scalar>?
    private let outside = Workspace<Scalar>()
    private let inputGradients = Workspace<Scalar>()
    private let scoreGradients = Workspace<Scalar>()
    private var x: Sequences<Scalar>?
    private var scores: Sequences<Scalar>?

    /// Draws the weights of the scores, if the kind has any, under the kind's tensor name.
    public init(
        _ parameters: Parameters<Scalar>,
        _ name: String,
        _ kind: NetworkShape.Pooling,
        channels: Int,
        random: inout TrainingRandom
    ) {
        pool = Pool(kind)
        scoring = kind.scores.first.map {
            Linear(parameters, "\(name).\($0.name)", inputs: channels, outputs: 1, random: &random)
        }
    }

    /// The output; see ``Pool``.
    public func forward(_ x: Sequences<Scalar>, _ dropout: DropoutSource? = nil) -> Sequences<Scalar> {
        let scores = scoring?.forward(x, dropout)
        (self.x, self.scores) = (x, scores)
        let all = outside.reserve(x.rows)
        for row in 0..<x.rows { all[row] = 1 }
        return pool.forward(x, scores: scores, outside: all)
    }

    /// The gradient of the input; adds to those of the scores' weights.
    public func backward(_ dy: Sequences<Scalar>) -> Sequences<Scalar> {
        guard let x else { preconditionFailure("backward before forward") }
        let dx = x.zeros(inputGradients)
        let dScores = x.zeros(scoreGradients, channels: 1)
        pool.backward(dy, x, scores: scores, de: dx, dScores: dScores)
        if let scoring { dx.add(scoring.backward(dScores)) }
        return dx
    }
}
