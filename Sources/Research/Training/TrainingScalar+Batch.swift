// SPDX-License-Identifier: Apache-2.0

/// The loops of ``BatchNorm`` and ``SelfAttention``.
public protocol BatchLoops {
    /// Mean and variance (divided by the rows) of each column.
    static func moments(
        _ x: UnsafePointer<Self>,
        mean: UnsafeMutablePointer<Self>,
        variance: UnsafeMutablePointer<Self>,
        rows: Int,
        columns: Int
    )
    /// normalized = (x - mean) inverse, output = normalized weight + bias, column by column.
    static func batchNorm(
        _ x: UnsafePointer<Self>,
        mean: UnsafePointer<Self>,
        inverse: UnsafePointer<Self>,
        weight: UnsafePointer<Self>,
        bias: UnsafePointer<Self>,
        normalized: UnsafeMutablePointer<Self>,
        output: UnsafeMutablePointer<Self>,
        rows: Int,
        columns: Int
    )
    /// Gradients of batch normalisation; adds to those of weight and bias.
    static func batchNormGradient(
        _ dy: UnsafePointer<Self>,
        inverse: UnsafePointer<Self>,
        weight: UnsafePointer<Self>,
        normalized: UnsafePointer<Self>,
        dWeight: UnsafeMutablePointer<Self>,
        dBias: UnsafeMutablePointer<Self>,
        dx: UnsafeMutablePointer<Self>,
        rows: Int,
        columns: Int,
        isTraining: Bool
    )
    /// values *= factor.
    static func scale(_ values: UnsafeMutablePointer<Self>, by factor: Self, count: Int)
    /// Replaces each row by its softmax.
    static func softmaxRows(_ values: UnsafeMutablePointer<Self>, rows: Int, columns: Int)
    /// gradient = softmax (gradient - sum of gradient softmax), row by row.
    static func softmaxRowsGradient(
        _ gradient: UnsafeMutablePointer<Self>,
        _ softmax: UnsafePointer<Self>,
        rows: Int,
        columns: Int
    )
}

extension TrainingScalar {
    /// Plain implementation of ``BatchLoops/moments(_:mean:variance:rows:columns:)``.
    public static func moments(
        _ x: UnsafePointer<Self>,
        mean: UnsafeMutablePointer<Self>,
        variance: UnsafeMutablePointer<Self>,
        rows: Int,
        columns: Int
    ) {
        mean.clear(count: columns)
        variance.clear(count: columns)
        sumRows(mean, x, rows: rows, columns: columns)
        for c in 0..<columns { mean[c] /= Self(rows) }
        for row in 0..<rows {
            let x = x + row * columns
            for c in 0..<columns { variance[c] += (x[c] - mean[c]) * (x[c] - mean[c]) }
        }
        for c in 0..<columns { variance[c] /= Self(rows) }
    }

    /// Plain implementation of the requirement.
    public static func batchNorm(
        _ x: UnsafePointer<Self>,
        mean: UnsafePointer<Self>,
        inverse: UnsafePointer<Self>,
        weight: UnsafePointer<Self>,
        bias: UnsafePointer<Self>,
        normalized: UnsafeMutablePointer<Self>,
        output: UnsafeMutablePointer<Self>,
        rows: Int,
        columns: Int
    ) {
        for row in 0..<rows {
            let (x, n, y) = (x + row * columns, normalized + row * columns, output + row * columns)
            for c in 0..<columns {
                n[c] = (x[c] - mean[c]) * inverse[c]
                y[c] = n[c] * weight[c] + bias[c]
            }
        }
    }

    /// dx = weight inverse (dy - mean(dy) - n mean(dy n)) in training, weight inverse dy outside of it.
    public static func batchNormGradient(
        _ dy: UnsafePointer<Self>,
        inverse: UnsafePointer<Self>,
        weight: UnsafePointer<Self>,
        normalized: UnsafePointer<Self>,
        dWeight: UnsafeMutablePointer<Self>,
        dBias: UnsafeMutablePointer<Self>,
        dx: UnsafeMutablePointer<Self>,
        rows: Int,
        columns: Int,
        isTraining: Bool
    ) {
        var sums = [Self](repeating: 0, count: 2 * columns)
        sums.withUnsafeMutableBufferPointer { buffer in
            guard let sum = buffer.baseAddress else { return }
            let along = sum + columns
            for row in 0..<rows {
                let (dy, n) = (dy + row * columns, normalized + row * columns)
                for c in 0..<columns {
                    sum[c] += dy[c]
                    along[c] += dy[c] * n[c]
                }
            }
            for c in 0..<columns {
                dBias[c] += sum[c]
                dWeight[c] += along[c]
                sum[c] = isTraining ? sum[c] / Self(rows) : 0
                along[c] = isTraining ? along[c] / Self(rows) : 0
            }
            for row in 0..<rows {
                let (dy, n, dx) = (dy + row * columns, normalized + row * columns, dx + row * columns)
                for c in 0..<columns { dx[c] = weight[c] * inverse[c] * (dy[c] - sum[c] - n[c] * along[c]) }
            }
        }
    }

    /// values *= factor.
    public static func scale(_ values: UnsafeMutablePointer<Self>, by factor: Self, count: Int) {
        for index in 0..<count { values[index] *= factor }
    }

    /// Replaces each row by its softmax, shifted by its largest value to avoid overflow.
    public static func softmaxRows(_ values: UnsafeMutablePointer<Self>, rows: Int, columns: Int) {
        for row in 0..<rows {
            let values = values + row * columns
            var largest = values[0]
            for c in 1..<max(1, columns) { largest = max(largest, values[c]) }
            var sum: Self = 0
            for c in 0..<columns {
                values[c] = exp(values[c] - largest)
                sum += values[c]
            }
            for c in 0..<columns { values[c] /= sum }
        }
    }

    /// Plain implementation of the requirement.
    public static func softmaxRowsGradient(
        _ gradient: UnsafeMutablePointer<Self>,
        _ softmax: UnsafePointer<Self>,
        rows: Int,
        columns: Int
    ) {
        for row in 0..<rows {
            let (gradient, softmax) = (gradient + row * columns, softmax + row * columns)
            var along: Self = 0
            for c in 0..<columns { along += gradient[c] * softmax[c] }
            for c in 0..<columns { gradient[c] = softmax[c] * (gradient[c] - along) }
        }
    }
}
