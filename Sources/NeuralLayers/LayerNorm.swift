// SPDX-License-Identifier: Apache-2.0
import StepKernels

/// y = (x - mean(x)) / sqrt(variance(x) + epsilon) weight + bias over the channels of one frame.
///
/// ### References
/// Ba, Kiros, Hinton 2016, arXiv:1607.06450.
public struct LayerNorm: StreamingLayer {
    private let weight: [Float]
    private let bias: [Float]
    private let epsilon: Float

    /// `weight` and `bias` `[channels]`.
    public init(weight: [Float], bias: [Float], epsilon: Float = 1e-5) {
        precondition(
            weight.count == bias.count && !weight.isEmpty,
            "\(weight.count) weights, \(bias.count) biases"
        )
        self.weight = weight
        self.bias = bias
        self.epsilon = epsilon
    }

    /// Input channels.
    public var inputCount: Int { weight.count }
    /// Output channels, equal to the input channels.
    public var outputCount: Int { weight.count }
    /// No context.
    public var geometry: StreamGeometry { .pointwise }

    /// Processes one frame into one frame.
    @discardableResult
    public func step(
        _ input: Span<Float>,
        _ state: inout NoState,
        into output: inout MutableSpan<Float>
    ) -> Bool {
        step(input, into: &output)
        return true
    }

    /// Processes one frame without a state.
    public func step(_ input: Span<Float>, into output: inout MutableSpan<Float>) {
        layerNorm(input, gain: weight.span, shift: bias.span, epsilon: epsilon, into: &output)
    }

    /// As above, between two arrays of one state; `output` must already have `[outputCount]` values.
    public func step(_ input: [Float], into output: inout [Float]) {
        var output = output.mutableSpan
        step(input.span, into: &output)
    }

    /// Processes a whole sequence in double precision, directly by the formula.
    public func forward(_ sequence: [Float]) -> [Float] {
        (0..<frameCount(of: sequence)).flatMap { t in
            let frame = sequence[t * inputCount..<(t + 1) * inputCount].map(Double.init)
            let mean = frame.reduce(0, +) / Double(inputCount)
            let variance = frame.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(inputCount)
            let scale = 1 / (variance + Double(epsilon)).squareRoot()
            return frame.indices.map { Float((frame[$0] - mean) * scale) * weight[$0] + bias[$0] }
        }
    }
}
