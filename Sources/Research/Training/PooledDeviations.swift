// SPDX-License-Identifier: Apache-2.0

/// The second half of pooling by statistics: deviations from the means that ``Pool`` computes.
///
/// With shares s = w / sum of w and v = sum of s (x - m)^2, the deviation is d = sqrt(max(v, floor)). By the chain rule
/// and because the distances from the mean cancel,
///
///     dx = s (dm + 2 g (x - m))                      g = dd / (2 d), 0 where v is below the floor
///     dscore = s (f - sum of s f)                    f = dm . x + g . (x - m)^2
final class PooledDeviations<Scalar: TrainingScalar> {
    // The same value as `NeuralLayers.Pooling.varianceFloor`.
    static var varianceFloor: Scalar { 1e-6 }
    private let output = Workspace<Scalar>()
    private let variances = Workspace<Scalar>()
    private let slopes = Workspace<Scalar>()
    private let distance = Workspace<Scalar>()
    private let product = Workspace<Scalar>()

    /// `[B, 1, 2 W]`: the means `[B, 1, W]`, then the deviations.
    func forward(
        _ x: Sequences<Scalar>,
        means: Sequences<Scalar>,
        weights: UnsafePointer<Scalar>,
        totals: UnsafePointer<Scalar>
    ) -> Sequences<Scalar> {
        let width = x.channels
        let v = variances.zeros(x.batch * width)
        let pooled = Sequences(
            batch: x.batch,
            frames: 1,
            channels: 2 * width,
            data: output.reserve(x.batch * 2 * width)
        )
        for b in 0..<x.batch {
            let (mean, variance) = (means.data + b * width, v + b * width)
            for row in b * x.frames..<(b + 1) * x.frames where weights[row] > 0 {
                let d = away(x.data + row * width, from: mean, width)
                Scalar.multiply(d, UnsafePointer(d), count: width)
                Scalar.addScaled(variance, d, weights[row] / totals[b], count: width)
            }
            let result = pooled.data + b * 2 * width
            result.update(from: mean, count: width)
            for c in 0..<width { result[width + c] = max(variance[c], Self.varianceFloor).squareRoot() }
        }
        return pooled
    }

    private func away(_ x: UnsafePointer<Scalar>, from mean: UnsafePointer<Scalar>, _ width: Int)
        -> UnsafeMutablePointer<Scalar>
    {
        let d = distance.reserve(width)
        d.update(from: x, count: width)
        Scalar.addScaled(d, mean, -1, count: width)
        return d
    }

    /// Adds to `dx` and passes the gradient of each frame's score to `addScore`.
    func backward(
        _ dPooled: Sequences<Scalar>,
        _ x: Sequences<Scalar>,
        means: UnsafePointer<Scalar>,
        weights: UnsafePointer<Scalar>,
        totals: UnsafePointer<Scalar>,
        de dx: Sequences<Scalar>,
        addScore: (_ row: Int, _ slope: Scalar) -> Void
    ) {
        let width = x.channels
        for b in 0..<x.batch {
            let (dMean, mean) = (dPooled.data + b * 2 * width, means + b * width)
            let g = slopes(dMean + width, sequence: b, width)
            let along =
                Scalar.dot(dMean, mean, count: width)
                + Scalar.dot(g, variances.pointer + b * width, count: width)
            for row in b * x.frames..<(b + 1) * x.frames where weights[row] > 0 {
                let (share, frame) = (weights[row] / totals[b], x.data + row * width)
                let d = away(frame, from: mean, width)
                let gd = product.reserve(width)
                gd.update(from: d, count: width)
                Scalar.multiply(gd, g, count: width)
                Scalar.addScaled(dx.data + row * width, dMean, share, count: width)
                Scalar.addScaled(dx.data + row * width, gd, 2 * share, count: width)
                let toFrame =
                    Scalar.dot(dMean, frame, count: width) + Scalar.dot(gd, d, count: width)
                addScore(row, share * (toFrame - along))
            }
        }
    }

    /// The gradient of one sequence's variances.
    private func slopes(_ dDeviation: UnsafePointer<Scalar>, sequence b: Int, _ width: Int)
        -> UnsafeMutablePointer<Scalar>
    {
        let g = slopes.reserve(width)
        let (variance, deviation) = (variances.pointer + b * width, output.pointer + b * 2 * width + width)
        for c in 0..<width {
            g[c] = variance[c] > Self.varianceFloor ? dDeviation[c] / (2 * deviation[c]) : 0
        }
        return g
    }
}
