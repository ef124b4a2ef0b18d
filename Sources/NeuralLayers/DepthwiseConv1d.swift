// SPDX-License-Identifier: Apache-2.0
import StepKernels

/// A causal convolution with a separate kernel for each channel.
///
/// Formula: y[t, c] = b[c] + sum over k of w[c, k] x[t - (kernelSize - 1 - k) dilation, c], zeros before the start:
/// PyTorch's `Conv1d(groups: channels)` on a sequence padded on the left.
public struct DepthwiseConv1d: StreamingLayer {
    /// Input channels.
    public let inputCount: Int
    /// Output channels, equal to the input channels.
    public var outputCount: Int { inputCount }
    private let kernelSize: Int
    private let dilation: Int
    private let weights: [Float]
    private let bias: [Float]

    /// Creates the layer from PyTorch's shapes: `weight` `[channels, 1, kernelSize]`, `bias` `[channels]`.
    public init(weight: [Float], bias: [Float], channels: Int, kernelSize: Int, dilation: Int = 1) {
        precondition(kernelSize > 0 && dilation > 0, "kernel and dilation must be at least 1")
        precondition(
            weight.count == channels * kernelSize && bias.count == channels,
            "\(weight.count) weights"
        )
        inputCount = channels
        self.kernelSize = kernelSize
        self.dilation = dilation
        weights = (0..<kernelSize).flatMap { tap in (0..<channels).map { weight[$0 * kernelSize + tap] } }
        self.bias = bias
    }

    /// Context of (kernelSize - 1) dilation past frames.
    public var geometry: StreamGeometry { StreamGeometry(leftContext: (kernelSize - 1) * dilation) }

    /// Past columns.
    public struct State: Sendable {
        fileprivate var history: ColumnHistory
    }

    /// State with zeros as the past.
    public func makeState() -> State {
        State(history: ColumnHistory(channels: inputCount, taps: kernelSize, dilation: dilation))
    }

    /// Resets the past to zeros.
    public func reset(_ state: inout State) { state.history.reset() }

    /// Processes one frame into one frame.
    @discardableResult
    public func step(
        _ input: Span<Float>,
        _ state: inout State,
        into output: inout MutableSpan<Float>
    ) -> Bool {
        state.history.push(input)
        state.history.gather()
        depthwise(weights: weights.span, bias: bias.span, state.history.window.span, into: &output)
        return true
    }

    /// Processes a whole sequence directly by the formula.
    public func forward(_ sequence: [Float]) -> [Float] {
        var output: [Float] = []
        output.reserveCapacity(sequence.count)
        for t in 0..<frameCount(of: sequence) {
            for channel in 0..<inputCount {
                var sum = bias[channel]
                for tap in 0..<kernelSize {
                    let frame = t - (kernelSize - 1 - tap) * dilation
                    if frame >= 0 {
                        sum += weights[tap * inputCount + channel] * sequence[frame * inputCount + channel]
                    }
                }
                output.append(sum)
            }
        }
        return output
    }
}
