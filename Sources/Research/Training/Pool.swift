// SPDX-License-Identifier: Apache-2.0

/// Weighted mean over the frames of each sequence: `NeuralLayers.Pooling`, forward and backward.
///
/// B batch, U frames, W channels; for frame u of sequence b, with its outside weight p and its score s:
///
///     attention   w = p exp(clamp(s, -8, 8))   pooled = sum of w e / sum of w
///     mean        w = p                        pooled = sum of w e / sum of p
///     gated       w = p sigmoid(s)             pooled = sum of w e / sum of p
///     statistics  w = p exp(clamp(s, -8, 8))   pooled = m and sqrt(sum of w (e - m)^2 / sum of w), m as for attention
///
/// The outside weights (speech probability times mask) get no gradient.
public final class Pool<Scalar: TrainingScalar> {
    static var scoreLimit: Scalar { 8 }
    private let kind: NetworkShape.Pooling
    private let weights = Workspace<Scalar>()
    private let totals = Workspace<Scalar>()
    private let output = Workspace<Scalar>()
    private let gates = Workspace<Scalar>()
    private let deviations = PooledDeviations<Scalar>()

    /// A pool of the given kind.
    public init(_ kind: NetworkShape.Pooling = .attention) { self.kind = kind }

    /// The pooled frames `[B, 1, W]`, or `[B, 1, 2 W]` for `statistics`: means, then deviations. `scores` is `[B, U, 1]`, or
    /// nil for a mean; `outside` holds B U values.
    public func forward(
        _ e: Sequences<Scalar>,
        scores: Sequences<Scalar>?,
        outside: UnsafePointer<Scalar>
    ) -> Sequences<Scalar> {
        let w = weigh(e, scores, outside)
        let counted = kind == .gated ? outside : UnsafePointer(w)
        let totals = totals.zeros(e.batch)
        let pooled = Sequences(
            batch: e.batch,
            frames: 1,
            channels: e.channels,
            data: output.zeros(e.batch * e.channels)
        )
        for b in 0..<e.batch {
            for row in b * e.frames..<(b + 1) * e.frames { totals[b] += counted[row] }
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
        guard kind == .statistics else { return pooled }
        return deviations.forward(e, means: pooled, weights: w, totals: totals)
    }

    private func weigh(
        _ e: Sequences<Scalar>,
        _ scores: Sequences<Scalar>?,
        _ outside: UnsafePointer<Scalar>
    ) -> UnsafeMutablePointer<Scalar> {
        let w = weights.reserve(e.rows)
        switch (kind, scores) {
        case (.attention, let scores?), (.statistics, let scores?):
            Scalar.poolWeights(w, scores.data, outside: outside, limit: Self.scoreLimit, count: e.rows)
        case (.gated, let scores?):
            let open = gates.reserve(e.rows)
            Scalar.sigmoid(scores.data, into: open, count: e.rows)
            w.update(from: outside, count: e.rows)
            Scalar.multiply(w, open, count: e.rows)
        case (.mean, _): w.update(from: outside, count: e.rows)
        case (_, nil): preconditionFailure("\(kind) pooling needs scores")
        }
        return w
    }

    /// Adds to `de` and, except for a mean, to `dScores`.
    public func backward(
        _ dPooled: Sequences<Scalar>,
        _ e: Sequences<Scalar>,
        scores: Sequences<Scalar>?,
        de: Sequences<Scalar>,
        dScores: Sequences<Scalar>
    ) {
        guard kind != .statistics else {
            let (w, t) = (weights.pointer, totals.pointer)
            deviations.backward(dPooled, e, means: output.pointer, weights: w, totals: t, de: de) {
                row,
                slope in
                guard let score = scores?.data[row], abs(score) < Self.scoreLimit else { return }
                dScores.data[row] += slope
            }
            return
        }
        for b in 0..<e.batch {
            let dp = dPooled.data + b * e.channels
            let along = Scalar.dot(dp, output.pointer + b * e.channels, count: e.channels)
            for row in b * e.frames..<(b + 1) * e.frames where weights.pointer[row] > 0 {
                let share = weights.pointer[row] / totals.pointer[b]
                Scalar.addScaled(de.data + row * e.channels, dp, share, count: e.channels)
                guard kind != .mean, let score = scores?.data[row] else { continue }
                let toFrame = Scalar.dot(dp, e.data + row * e.channels, count: e.channels)
                dScores.data[row] += share * slope(toFrame, along, score, gate: row)
            }
        }
    }

    /// The gradient of a frame's score, in shares of that frame.
    private func slope(_ toFrame: Scalar, _ along: Scalar, _ score: Scalar, gate row: Int) -> Scalar {
        guard kind == .attention else { return toFrame * (1 - gates.pointer[row]) }
        return abs(score) < Self.scoreLimit ? toFrame - along : 0
    }
}
