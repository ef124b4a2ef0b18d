// SPDX-License-Identifier: Apache-2.0
import MatrixProducts

/// Euclidean k-means (Lloyd 1982), initialised by k-means++ (Arthur & Vassilvitskii 2007).
///
/// Distances are one matrix product: |x - c|^2 = |x|^2 - 2 x.c + |c|^2. A centre that loses all its points moves
/// to the point that is farthest from its own centre. Equal inputs and seeds give equal clusters.
public struct KMeans<Scalar: TrainingScalar>: Sendable {
    /// Row-major `[clusters, columns]`.
    public private(set) var centres: [Scalar]
    /// The cluster of each point.
    public private(set) var assignments: [Int]
    /// Mean squared distance of the points from their centres.
    public private(set) var inertia: Scalar = 0
    private let columns: Int

    /// Clusters the points.
    ///
    /// - Parameters:
    ///   - points: row-major `[count, columns]`, at least one; finite.
    ///   - clusters: their number; limited to the number of points.
    ///   - iterations: rounds of Lloyd's algorithm; it ends earlier when no point moves.
    ///   - random: draws the first centres.
    public init(
        _ points: [Scalar],
        columns: Int,
        clusters: Int,
        iterations: Int = 20,
        random: inout TrainingRandom
    ) {
        precondition(columns > 0 && points.count % columns == 0 && !points.isEmpty && clusters > 0)
        self.columns = columns
        let count = points.count / columns
        centres = []
        assignments = Array(repeating: -1, count: count)
        let norms = Self.norms(points, columns)
        begin(points, norms, clusters: min(clusters, count), using: &random)
        for _ in 0..<iterations {
            let before = assignments
            let distances = assign(points, norms)
            if assignments == before { break }
            move(points, distances)
        }
        _ = assign(points, norms)
    }

    /// Number of centres.
    public var count: Int { centres.count / columns }

    /// Draws the first centre uniformly and each next one in proportion to its squared distance from the nearest centre.
    private mutating func begin(
        _ points: [Scalar],
        _ norms: [Scalar],
        clusters: Int,
        using random: inout TrainingRandom
    ) {
        var nearest = [Scalar](repeating: .infinity, count: norms.count)
        var chosen = Int.random(in: 0..<norms.count, using: &random)
        while true {
            let centre = Array(points[chosen * columns..<(chosen + 1) * columns])
            centres += centre
            guard count < clusters else { return }
            let products = Self.products(points, centre, columns)
            for point in norms.indices {
                nearest[point] = min(
                    nearest[point],
                    max(0, norms[point] - 2 * products[point] + norms[chosen])
                )
            }
            chosen = Self.draw(nearest, &random)
        }
    }

    /// Assigns every point to its nearest centre and returns the squared distances.
    private mutating func assign(_ points: [Scalar], _ norms: [Scalar]) -> [Scalar] {
        let products = Self.products(points, centres, columns)
        let centreNorms = Self.norms(centres, columns)
        let clusters = count
        var distances = norms
        for point in norms.indices {
            var best: (cluster: Int, distance: Scalar) = (0, .infinity)
            for cluster in 0..<clusters {
                let distance = norms[point] - 2 * products[point * clusters + cluster] + centreNorms[cluster]
                if distance < best.distance { best = (cluster, distance) }
            }
            assignments[point] = best.cluster
            distances[point] = max(0, best.distance)
        }
        inertia = distances.reduce(0, +) / Scalar(distances.count)
        return distances
    }

    /// Moves every centre to the mean of its points, and one without points to the point farthest from its centre.
    private mutating func move(_ points: [Scalar], _ distances: [Scalar]) {
        var sums = [Scalar](repeating: 0, count: centres.count)
        var sizes = [Int](repeating: 0, count: count)
        for (point, cluster) in assignments.enumerated() {
            sizes[cluster] += 1
            for column in 0..<columns {
                sums[cluster * columns + column] += points[point * columns + column]
            }
        }
        var far = distances
        for cluster in sizes.indices {
            if sizes[cluster] == 0 {
                let farthest = far.indices.max { far[$0] < far[$1] } ?? 0
                far[farthest] = 0
                sums.replaceSubrange(
                    cluster * columns..<(cluster + 1) * columns,
                    with: points[farthest * columns..<(farthest + 1) * columns]
                )
                sizes[cluster] = 1
            }
            for column in 0..<columns { sums[cluster * columns + column] /= Scalar(sizes[cluster]) }
        }
        centres = sums
    }

    private static func draw(_ weights: [Scalar], _ random: inout TrainingRandom) -> Int {
        var left = Scalar(random.unit()) * weights.reduce(0, +)
        for (index, weight) in weights.enumerated() {
            left -= weight
            if left < 0 { return index }
        }
        // All points are on centres, or rounding left a remainder.
        return Int.random(in: weights.indices, using: &random)
    }

    private static func norms(_ rows: [Scalar], _ columns: Int) -> [Scalar] {
        rows.withUnsafeBufferPointer { rows in
            guard let base = rows.baseAddress else { return [] }
            return stride(from: 0, to: rows.count, by: columns).map {
                Scalar.dot(base + $0, base + $0, count: columns)
            }
        }
    }

    /// `[points, centres]`.
    private static func products(_ points: [Scalar], _ centres: [Scalar], _ columns: Int) -> [Scalar] {
        let (rows, others) = (points.count / columns, centres.count / columns)
        return [Scalar](unsafeUninitializedCapacity: rows * others) { buffer, count in
            points.withUnsafeBufferPointer { points in
                centres.withUnsafeBufferPointer { centres in
                    guard let to = buffer.baseAddress, let a = points.baseAddress, let b = centres.baseAddress
                    else { return }
                    Scalar.gemm(
                        transposeA: false,
                        transposeB: true,
                        rows: rows,
                        columns: others,
                        inner: columns,
                        alpha: 1,
                        a: a,
                        strideA: columns,
                        b: b,
                        strideB: columns,
                        beta: 0,
                        c: to,
                        strideC: others
                    )
                }
            }
            count = rows * others
        }
    }
}
