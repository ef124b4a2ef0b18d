// SPDX-License-Identifier: Apache-2.0
import StepKernels

/// y = W x + b, independently for each frame.
public struct Linear: StreamingLayer {
    private let weights: PackedMatrix

    /// Creates the layer from PyTorch's shapes: `weight` `[outputCount, inputCount]`, `bias` `[outputCount]`.
    public init(weight: [Float], bias: [Float], inputCount: Int, outputCount: Int) {
        weights = PackedMatrix(weight, rows: outputCount, columns: inputCount, bias: bias)
    }

    /// Input channels.
    public var inputCount: Int { weights.columns }
    /// Output channels.
    public var outputCount: Int { weights.rows }
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
        weights.multiply(input, into: &output)
    }

    /// As above, between two arrays of one state; `output` must already have `[outputCount]` values.
    public func step(_ input: [Float], into output: inout [Float]) { weights.multiply(input, into: &output) }

    /// Processes a whole sequence as one matrix product.
    public func forward(_ sequence: [Float]) -> [Float] { weights.multiply(sequence: sequence) }
}
