// SPDX-License-Identifier: Apache-2.0
import StepKernels

/// y = W x + b for each frame by itself.
public struct Linear: StreamingLayer {
    private let weights: PackedMatrix

    /// Takes PyTorch's shapes: `weight` `[outputCount, inputCount]`, `bias` `[outputCount]`.
    public init(weight: [Float], bias: [Float], inputCount: Int, outputCount: Int) {
        weights = PackedMatrix(weight, rows: outputCount, columns: inputCount, bias: bias)
    }

    /// Channels in.
    public var inputCount: Int { weights.columns }
    /// Channels out.
    public var outputCount: Int { weights.rows }
    /// No context.
    public var geometry: StreamGeometry { .pointwise }

    /// One frame in, one out.
    @discardableResult
    public func step(
        _ input: Span<Float>,
        _ state: inout NoState,
        into output: inout MutableSpan<Float>
    ) -> Bool {
        step(input, into: &output)
        return true
    }

    /// One frame in, one out, for callers that keep no state.
    public func step(_ input: Span<Float>, into output: inout MutableSpan<Float>) {
        weights.multiply(input, into: &output)
    }

    /// As above, between two arrays of one state; `output` must have `[outputCount]` values already.
    public func step(_ input: [Float], into output: inout [Float]) { weights.multiply(input, into: &output) }

    /// The whole sequence as one matrix product.
    public func forward(_ sequence: [Float]) -> [Float] { weights.multiply(sequence: sequence) }
}
