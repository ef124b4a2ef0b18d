// SPDX-License-Identifier: Apache-2.0

extension TrainingScalar {
    /// y = weight (x - mean) / sqrt(variance + epsilon) + bias, row by row; keeps the values that backward needs.
    public static func layerNorm(
        _ x: UnsafePointer<Self>,
        weight: UnsafePointer<Self>,
        bias: UnsafePointer<Self>,
        normalized: UnsafeMutablePointer<Self>,
        inverseDeviations: UnsafeMutablePointer<Self>,
        output: UnsafeMutablePointer<Self>,
        rows: Int,
        columns: Int,
        epsilon: Self
    ) {
        for row in 0..<rows {
            let (x, n, y) = (x + row * columns, normalized + row * columns, output + row * columns)
            var mean: Self = 0
            for c in 0..<columns { mean += x[c] }
            mean /= Self(columns)
            var variance: Self = 0
            for c in 0..<columns { variance += (x[c] - mean) * (x[c] - mean) }
            let inverse = 1 / (variance / Self(columns) + epsilon).squareRoot()
            inverseDeviations[row] = inverse
            for c in 0..<columns {
                n[c] = (x[c] - mean) * inverse
                y[c] = n[c] * weight[c] + bias[c]
            }
        }
    }

    /// dx = inverse (g - mean(g) - n mean(g n)) with g = dy weight, and the gradients of weight and bias.
    public static func layerNormGradient(
        _ dy: UnsafePointer<Self>,
        weight: UnsafePointer<Self>,
        normalized: UnsafePointer<Self>,
        inverseDeviations: UnsafePointer<Self>,
        dWeight: UnsafeMutablePointer<Self>,
        dBias: UnsafeMutablePointer<Self>,
        dx: UnsafeMutablePointer<Self>,
        rows: Int,
        columns: Int
    ) {
        for row in 0..<rows {
            let (dy, n, dx) = (dy + row * columns, normalized + row * columns, dx + row * columns)
            var mean: Self = 0
            var along: Self = 0
            for c in 0..<columns {
                let g = dy[c] * weight[c]
                mean += g
                along += g * n[c]
                dWeight[c] += dy[c] * n[c]
                dBias[c] += dy[c]
            }
            mean /= Self(columns)
            along /= Self(columns)
            for c in 0..<columns {
                dx[c] = inverseDeviations[row] * (dy[c] * weight[c] - mean - n[c] * along)
            }
        }
    }
}
