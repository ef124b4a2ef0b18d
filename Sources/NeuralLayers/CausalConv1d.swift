// SPDX-License-Identifier: Apache-2.0
import StepKernels

/// A convolution over time that depends only on present and past frames.
///
/// Formula: y[t] = b + sum over k of W[k] x[t stride - (kernelSize - 1 - k) dilation], with zeros before the start:
/// PyTorch's `Conv1d` on a sequence padded on the left by (kernelSize - 1) dilation.
/// A step is one gather of past columns and one matrix-vector product.
public struct CausalConv1d: StreamingLayer {
    /// Input channels.
    public let inputCount: Int
    /// Output channels.
    public let outputCount: Int
    private let kernelSize: Int
    private let stride: Int
    private let dilation: Int
    private let weights: PackedMatrix

    /// Creates the layer from PyTorch's shapes: `weight` `[outputCount, inputCount, kernelSize]`, `bias` `[outputCount]`.
    public init(
        weight: [Float],
        bias: [Float],
        inputCount: Int,
        outputCount: Int,
        kernelSize: Int,
        stride: Int = 1,
        dilation: Int = 1
    ) {
        precondition(
            kernelSize > 0 && stride > 0 && dilation > 0,
            "kernel, stride and dilation must be at least 1"
        )
        precondition(
            stride == 1 || dilation == 1 && kernelSize >= stride,
            "with stride \(stride), frames would fall between \(kernelSize) taps of dilation \(dilation)"
        )
        precondition(weight.count == outputCount * inputCount * kernelSize, "\(weight.count) weights")
        self.inputCount = inputCount
        self.outputCount = outputCount
        self.kernelSize = kernelSize
        self.stride = stride
        self.dilation = dilation
        weights = PackedMatrix(
            tapMajor(weight, rows: outputCount, inputs: inputCount, taps: kernelSize),
            rows: outputCount,
            columns: kernelSize * inputCount,
            bias: bias
        )
    }

    /// Context of (kernelSize - 1) dilation past frames.
    public var geometry: StreamGeometry {
        StreamGeometry(leftContext: (kernelSize - 1) * dilation, stride: stride)
    }

    /// Past columns, and the position of the stream within the stride.
    public struct State: Sendable {
        fileprivate var history: ColumnHistory
        fileprivate var untilOutput = 0
    }

    /// State with zeros as the past.
    public func makeState() -> State {
        State(history: ColumnHistory(channels: inputCount, taps: kernelSize, dilation: dilation))
    }

    /// Resets the past to zeros.
    public func reset(_ state: inout State) {
        state.history.reset()
        state.untilOutput = 0
    }

    /// Processes one frame; there are outputs at inputs 0, stride, 2 stride and so on.
    @discardableResult
    public func step(
        _ input: Span<Float>,
        _ state: inout State,
        into output: inout MutableSpan<Float>
    ) -> Bool {
        state.history.push(input)
        guard state.untilOutput == 0 else {
            state.untilOutput -= 1
            return false
        }
        state.untilOutput = stride - 1
        state.history.gather()
        weights.multiply(state.history.window.span, into: &output)
        return true
    }

    /// Processes a whole sequence as one matrix product over all windows.
    public func forward(_ sequence: [Float]) -> [Float] {
        let count = (frameCount(of: sequence) + stride - 1) / stride
        var windows = [Float](repeating: 0, count: count * kernelSize * inputCount)
        for t in 0..<count {
            for tap in 0..<kernelSize {
                let frame = t * stride - (kernelSize - 1 - tap) * dilation
                guard frame >= 0 else { continue }
                let start = (t * kernelSize + tap) * inputCount
                windows.replaceSubrange(
                    start..<start + inputCount,
                    with: sequence[frame * inputCount..<(frame + 1) * inputCount]
                )
            }
        }
        return weights.multiply(sequence: windows)
    }
}

/// Reorders PyTorch's `[rows, inputs, taps]` to `[rows, taps, inputs]`, so that a gathered window is one contiguous vector.
private func tapMajor(_ weight: [Float], rows: Int, inputs: Int, taps: Int) -> [Float] {
    var result = [Float](repeating: 0, count: weight.count)
    for row in 0..<rows {
        for input in 0..<inputs {
            for tap in 0..<taps {
                result[(row * taps + tap) * inputs + input] = weight[(row * inputs + input) * taps + tap]
            }
        }
    }
    return result
}
