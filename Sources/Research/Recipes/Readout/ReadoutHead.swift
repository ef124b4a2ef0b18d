// SPDX-License-Identifier: Apache-2.0
import MatrixProducts

/// From a standardised pooled vector to logits: a linear layer, or one with a hidden layer before it. OpenBLAS must be
/// loaded.
package struct ReadoutHead: Sendable {
    /// Row-major [H, D] and [H]; nil for a linear head.
    package var hidden: (weight: [Float], bias: [Float])?
    /// Row-major [K, H], or [K, D] for a linear head.
    package var weight: [Float]
    /// [K].
    package var bias: [Float]

    /// A head with known weights.
    package init(hidden: (weight: [Float], bias: [Float])? = nil, weight: [Float], bias: [Float]) {
        (self.hidden, self.weight, self.bias) = (hidden, weight, bias)
    }

    /// Logits [K] of a standardised vector [D].
    package func logits(_ input: [Float]) -> [Float] {
        guard let hidden else { return Self.product(weight, bias, input) }
        return Self.product(weight, bias, Self.product(hidden.weight, hidden.bias, input).map { max($0, 0) })
    }

    private static func product(_ weight: [Float], _ bias: [Float], _ input: [Float]) -> [Float] {
        var result = bias
        Float.gemm(
            transposeA: false,
            transposeB: true,
            rows: 1,
            columns: bias.count,
            inner: input.count,
            alpha: 1,
            a: input,
            strideA: input.count,
            b: weight,
            strideB: input.count,
            beta: 1,
            c: &result,
            strideC: bias.count
        )
        return result
    }
}
