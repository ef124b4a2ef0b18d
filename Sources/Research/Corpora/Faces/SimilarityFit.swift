// SPDX-License-Identifier: Apache-2.0

/// The rotation, scale and shift that bring one set of points closest to another, by the sum of squared distances.
///
/// The rotation is the quaternion of the largest eigenvalue of a symmetric 4 × 4 matrix, found by repeated squaring of
/// the matrix. Points in one plane are rotated within that plane.
///
/// Reference: Horn 1987, "Closed-form solution of absolute orientation using unit quaternions".
struct SimilarityFit {
    private let rows: [SIMD3<Double>]
    private let from: SIMD3<Double>
    private let to: SIMD3<Double>

    /// - Precondition: as many points in `targets` as in `points`, at least one.
    init(of points: [SIMD3<Double>], to targets: [SIMD3<Double>]) {
        precondition(points.count == targets.count && !points.isEmpty)
        let (from, to) = (mean(points), mean(targets))
        var sums = [SIMD3<Double>](repeating: .zero, count: 3)
        var size = 0.0
        for (point, target) in zip(points, targets) {
            let (own, other) = (point - from, target - to)
            for axis in 0..<3 { sums[axis] += own[axis] * other }
            size += dot(own, own)
        }
        let rotation = Self.rotation(largestEigenvector(of: Self.symmetric(sums)))
        var likeness = 0.0
        for axis in 0..<3 {
            likeness += dot(SIMD3(rotation[0][axis], rotation[1][axis], rotation[2][axis]), sums[axis])
        }
        rows = rotation.map { $0 * (likeness / size) }
        (self.from, self.to) = (from, to)
    }

    func apply(_ point: SIMD3<Double>) -> SIMD3<Double> {
        let own = point - from
        return to + SIMD3(dot(rows[0], own), dot(rows[1], own), dot(rows[2], own))
    }

    /// Horn's matrix N from the sums S of products, row by row (his equation in section 4.A).
    private static func symmetric(_ s: [SIMD3<Double>]) -> [SIMD4<Double>] {
        let (xx, xy, xz) = (s[0].x, s[0].y, s[0].z)
        let (yx, yy, yz) = (s[1].x, s[1].y, s[1].z)
        let (zx, zy, zz) = (s[2].x, s[2].y, s[2].z)
        return [
            SIMD4(xx + yy + zz, yz - zy, zx - xz, xy - yx),
            SIMD4(yz - zy, xx - yy - zz, xy + yx, zx + xz),
            SIMD4(zx - xz, xy + yx, yy - xx - zz, yz + zy),
            SIMD4(xy - yx, zx + xz, yz + zy, zz - xx - yy),
        ]
    }

    /// The rows of the rotation of a unit quaternion (w, x, y, z).
    private static func rotation(_ q: SIMD4<Double>) -> [SIMD3<Double>] {
        let (w, x, y, z) = (q[0], q[1], q[2], q[3])
        return [
            SIMD3(1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)),
            SIMD3(2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)),
            SIMD3(2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)),
        ]
    }
}

/// The unit eigenvector of the largest eigenvalue of a symmetric matrix given by rows.
private func largestEigenvector(of matrix: [SIMD4<Double>]) -> SIMD4<Double> {
    // A shift by the norm makes every eigenvalue positive, so that squaring favours the largest and not the most
    // negative one.
    let norm = matrix.reduce(0) { $0 + ($1 * $1).sum() }.squareRoot()
    var power = (0..<4).map { row in
        var shifted = matrix[row]
        shifted[row] += norm
        return shifted
    }
    // 2 to the 12th: enough for eigenvalues a hundredth apart.
    for _ in 0..<12 {
        let square = power.map { (row: SIMD4<Double>) -> SIMD4<Double> in
            var sum = row[0] * power[0]
            for index in 1..<4 { sum += row[index] * power[index] }
            return sum
        }
        let trace = (0..<4).reduce(0) { $0 + square[$1][$1] }
        power = square.map { $0 / trace }
    }
    let longest = power.max { ($0 * $0).sum() < ($1 * $1).sum() } ?? SIMD4(1, 0, 0, 0)
    return longest / (longest * longest).sum().squareRoot()
}

func dot(_ first: SIMD3<Double>, _ second: SIMD3<Double>) -> Double { (first * second).sum() }

func length(_ vector: SIMD3<Double>) -> Double { dot(vector, vector).squareRoot() }

func cross(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> SIMD3<Double> {
    SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
}

private func mean(_ points: [SIMD3<Double>]) -> SIMD3<Double> {
    points.reduce(.zero, +) / Double(points.count)
}
