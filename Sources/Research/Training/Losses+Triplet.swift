// SPDX-License-Identifier: Apache-2.0

/// Three rows: an anchor, one that should be near it, one that should not.
public struct Triplet: Sendable, Hashable {
    /// Rows of the embeddings.
    public let anchor: Int, positive: Int, negative: Int

    /// Each parameter sets the property of its name.
    public init(anchor: Int, positive: Int, negative: Int) {
        (self.anchor, self.positive, self.negative) = (anchor, positive, negative)
    }
}

extension Losses {
    /// Mean over the triplets of max(0, |a - p| - |a - n| + margin), with Euclidean distances: PyTorch's
    /// `TripletMarginLoss` without the 1e-6 that PyTorch adds to each difference (Balntas et al. 2016).
    ///
    /// `embeddings` is row-major `[rows, columns]`; adds to `gradient`.
    public static func tripletMargin<Scalar: TrainingScalar>(
        _ embeddings: [Scalar],
        columns: Int,
        _ triplets: [Triplet],
        margin: Scalar,
        gradient: inout [Scalar]
    ) -> Scalar {
        var loss: Scalar = 0
        let share = 1 / Scalar(max(1, triplets.count))
        for triplet in triplets {
            let (a, p, n) = (triplet.anchor * columns, triplet.positive * columns, triplet.negative * columns)
            let (near, far) = (
                distance(embeddings, a, p, columns: columns), distance(embeddings, a, n, columns: columns)
            )
            guard near - far + margin > 0 else { continue }
            loss += share * (near - far + margin)
            for column in 0..<columns {
                let pull = (embeddings[a + column] - embeddings[p + column]) / max(near, 1e-12) * share
                let push = (embeddings[a + column] - embeddings[n + column]) / max(far, 1e-12) * share
                gradient[a + column] += pull - push
                gradient[p + column] -= pull
                gradient[n + column] += push
            }
        }
        return loss
    }

    private static func distance<Scalar: TrainingScalar>(_ x: [Scalar], _ a: Int, _ b: Int, columns: Int)
        -> Scalar
    {
        (0..<columns).reduce(Scalar(0)) { sum, c in
            let difference = x[a + c] - x[b + c]
            return sum + difference * difference
        }.squareRoot()
    }
}
