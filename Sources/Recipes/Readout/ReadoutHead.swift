// SPDX-License-Identifier: Apache-2.0

/// From a standardised pooled vector to logits: a linear layer, or one with a hidden layer before it.
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
        let size = input.count
        return bias.indices.map { row in
            input.withUnsafeBufferPointer { input in
                weight.withUnsafeBufferPointer { weight in
                    (0..<size).reduce(bias[row]) { $0 + weight[row * size + $1] * input[$1] }
                }
            }
        }
    }
}
