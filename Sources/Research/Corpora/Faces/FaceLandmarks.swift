// SPDX-License-Identifier: Apache-2.0

/// The 68 landmarks of one video frame in the layout of 300-W, which OpenFace also uses.
///
/// 0...16 jaw line, 17...21 and 22...26 brows, 27...35 nose, 36...41 and 42...47 eyes, 48...67 mouth. In space, or in the
/// plane of the picture with z = 0 if the tracker has no depth; in any unit.
///
/// Reference: Sagonas et al. 2016, "300 Faces In-The-Wild Challenge: database and results".
struct FaceLandmarks: Sendable {
    static let count = 68
    /// Brows and eyes: not moved by speech.
    static let upperFace = Array(17...26) + Array(36...47)
    /// Points that move with the skull and hardly with expression: the corners of the eyes and the bridge of the nose.
    static let rigid = [36, 39, 42, 45, 27, 28, 29, 30]
    private static let chin = 8

    /// Position of each landmark, `[68]`.
    var points: [SIMD3<Double>]

    /// Vector from the outer corner of one eye to that of the other; its length is the unit of length of a face.
    private var eyeLine: SIMD3<Double> { points[45] - points[36] }
    var interOcularDistance: Double { length(eyeLine) }

    /// The landmarks rotated, shifted and scaled as one body, so that the rigid ones fit those of `reference` best.
    func aligned(to reference: FaceLandmarks) -> FaceLandmarks {
        let fit = SimilarityFit(
            of: Self.rigid.map { points[$0] },
            to: Self.rigid.map { reference.points[$0] }
        )
        return FaceLandmarks(points: points.map(fit.apply))
    }

    /// The same face seen from the front, with its inter-ocular distance as the unit: x along the eyes, y towards the
    /// chin, z perpendicular to both.
    var frontal: FaceLandmarks {
        let x = eyeLine / interOcularDistance
        let middle = (points[36] + points[45]) / 2
        let down = points[Self.chin] - middle
        let slant = down - dot(down, x) * x
        let y = slant / length(slant)
        let z = cross(x, y)
        return FaceLandmarks(
            points: points.map { point in
                let from = (point - middle) / interOcularDistance
                return SIMD3(dot(from, x), dot(from, y), dot(from, z))
            }
        )
    }

    /// The mean shape of `faces` seen from the front, by two passes of generalised Procrustes analysis (Gower 1975); for the
    /// faces of one person further passes do not change it.
    static func meanShape(of faces: [FaceLandmarks]) -> FaceLandmarks? {
        guard var mean = faces.first?.frontal else { return nil }
        for _ in 0..<2 {
            var sum = [SIMD3<Double>](repeating: .zero, count: count)
            for face in faces {
                let aligned = face.aligned(to: mean)
                for index in sum.indices { sum[index] += aligned.points[index] }
            }
            mean = FaceLandmarks(points: sum).frontal
        }
        return mean
    }

    /// The mean distance of the landmarks `indices` from their positions in `other`, in the plane of the face: depth is what
    /// trackers measure worst.
    func meanShift(from other: FaceLandmarks, over indices: some Collection<Int>) -> Double {
        let sum = indices.reduce(0.0) { sum, index in
            let shift = points[index] - other.points[index]
            return sum + (shift.x * shift.x + shift.y * shift.y).squareRoot()
        }
        return sum / Double(indices.count)
    }
}
