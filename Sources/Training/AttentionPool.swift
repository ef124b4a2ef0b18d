// SPDX-License-Identifier: Apache-2.0

/// Weighted mean over the frames of each sequence: `NeuralLayers.AttentionPooling`, forward and backward.
///
/// B batch, U frames, W channels. w[b,u] = outside[b,u] exp(clamp(score[b,u], -8, 8)),
/// pooled[b] = sum over u of w e / sum over u of w. `outside` (speech probability times mask) gets no gradient.
public final class AttentionPool<Scalar: TrainingScalar> {
    static var scoreLimit: Scalar { 8 }
    private let weights = Workspace<Scalar>()
    private let totals = Workspace<Scalar>()
    private let output = Workspace<Scalar>()

    /// A pool that has seen nothing.
    public init() {}

    /// The pooled embeddings `[B, 1, W]`. `scores` is `[B, U, 1]`, `outside` holds B U numbers.
    public func forward(
        _ e: Sequences<Scalar>,
        scores: Sequences<Scalar>,
        outside: UnsafePointer<Scalar>
    ) -> Sequences<Scalar> {
        let w = weights.reserve(e.rows)
        let totals = totals.zeros(e.batch)
        let pooled = Sequences(
            batch: e.batch,
            frames: 1,
            channels: e.channels,
            data: output.zeros(e.batch * e.channels)
        )
        Scalar.poolWeights(w, scores.data, outside: outside, limit: Self.scoreLimit, count: e.rows)
        for b in 0..<e.batch {
            for row in b * e.frames..<(b + 1) * e.frames {
                totals[b] += w[row]
            }
            totals[b] = max(totals[b], 1e-6)
            for row in b * e.frames..<(b + 1) * e.frames {
                Scalar.addScaled(
                    pooled.data + b * e.channels,
                    e.data + row * e.channels,
                    w[row] / totals[b],
                    count: e.channels
                )
            }
        }
        return pooled
    }

    /// Adds to `de` and `dScores`.
    public func backward(
        _ dPooled: Sequences<Scalar>,
        _ e: Sequences<Scalar>,
        scores: Sequences<Scalar>,
        de: Sequences<Scalar>,
        dScores: Sequences<Scalar>
    ) {
        for b in 0..<e.batch {
            let dp = dPooled.data + b * e.channels
            let along = Scalar.dot(dp, output.pointer + b * e.channels, count: e.channels)
            for row in b * e.frames..<(b + 1) * e.frames where weights.pointer[row] > 0 {
                let share = weights.pointer[row] / totals.pointer[b]
                Scalar.addScaled(de.data + row * e.channels, dp, share, count: e.channels)
                guard abs(scores.data[row]) < Self.scoreLimit else { continue }
                dScores.data[row] +=
                    share * (Scalar.dot(dp, e.data + row * e.channels, count: e.channels) - along)
            }
        }
    }
}
