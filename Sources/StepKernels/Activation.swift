// SPDX-License-Identifier: Apache-2.0
import CStepKernels

/// An elementwise function between layers; within 1e-6 of the exact value, and NaN stays NaN.
public enum Activation: String, Codable, Sendable, CaseIterable {
    /// max(x, 0)
    case relu
    /// x times the normal distribution function at x (the exact form, PyTorch's default).
    case gelu
    /// 1 / (1 + e^-x)
    case sigmoid
    /// The hyperbolic tangent.
    case tanh

    /// Applies the function to each value, in place. Does not allocate.
    public func apply(_ values: inout MutableSpan<Float>) {
        let count = values.count
        values.withUnsafeMutableBufferPointer { values in
            switch self {
            case .relu: kernel_relu(values.baseAddress, count)
            case .gelu: kernel_gelu(values.baseAddress, count)
            case .sigmoid: kernel_sigmoid(values.baseAddress, count)
            case .tanh: kernel_tanh(values.baseAddress, count)
            }
        }
    }

    /// Same for an array that belongs to a state.
    public func apply(_ values: inout [Float]) {
        var values = values.mutableSpan
        apply(&values)
    }
}

/// Replaces each x by e^x, limited to -87...88, with a relative error below 2e-7. Does not allocate.
public func exponentiate(_ values: inout MutableSpan<Float>) {
    let count = values.count
    values.withUnsafeMutableBufferPointer { kernel_exp($0.baseAddress, count) }
}

/// e^x, limited to -87...88, like `exponentiate`.
public func exponential(_ x: Float) -> Float { kernel_exp_of(x) }

/// 1 / (1 + e^-x), like `Activation.sigmoid`.
public func sigmoid(_ x: Float) -> Float { kernel_sigmoid_of(x) }

/// e^x / sum(e^x), in place. Empty input stays empty. Does not allocate.
public func softmax(_ values: inout MutableSpan<Float>) {
    var largest = -Float.infinity
    for i in values.indices { largest = max(largest, values[i]) }
    for i in values.indices { values[i] -= largest }
    exponentiate(&values)
    var sum: Float = 0
    for i in values.indices { sum += values[i] }
    for i in values.indices { values[i] /= sum }
}

/// Same for an array that belongs to a state.
public func softmax(_ values: inout [Float]) {
    var values = values.mutableSpan
    softmax(&values)
}
