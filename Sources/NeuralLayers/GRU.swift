// SPDX-License-Identifier: Apache-2.0
import StepKernels

/// A gated recurrent unit, one layer, forwards in time.
///
/// Formulas, with the gates stacked in PyTorch's order r, z, n:
///
///     r = sigmoid(W_ir x + b_ir + W_hr h + b_hr)
///     z = sigmoid(W_iz x + b_iz + W_hz h + b_hz)
///     n = tanh(W_in x + b_in + r (W_hn h + b_hn))
///     h = (1 - z) n + z h
///
/// ### References
/// Cho et al. 2014, arXiv:1406.1078. Here, as in PyTorch, r multiplies after W_hn, not before.
public struct GRU: StreamingLayer {
    private let fromInput: PackedMatrix
    private let fromState: PackedMatrix

    /// Creates the layer from PyTorch's shapes: `weightInput` `[3 hidden, input]`, `weightHidden` `[3 hidden, hidden]`,
    /// both biases `[3 hidden]`.
    public init(
        weightInput: [Float],
        weightHidden: [Float],
        biasInput: [Float],
        biasHidden: [Float],
        inputCount: Int,
        hiddenCount: Int
    ) {
        fromInput = PackedMatrix(weightInput, rows: 3 * hiddenCount, columns: inputCount, bias: biasInput)
        fromState = PackedMatrix(weightHidden, rows: 3 * hiddenCount, columns: hiddenCount, bias: biasHidden)
    }

    /// Input channels.
    public var inputCount: Int { fromInput.columns }
    /// Output channels: the size of the hidden state.
    public var outputCount: Int { fromState.columns }
    /// Unlimited left context.
    public var geometry: StreamGeometry { StreamGeometry(leftContext: nil) }

    /// The hidden state `[hidden]`, and a buffer for the gates `[3, hidden]`.
    public struct State: Sendable {
        fileprivate var hidden: [Float]
        fileprivate var gatesOfInput: [Float]
        fileprivate var gatesOfState: [Float]
    }

    /// A hidden state of zeros.
    public func makeState() -> State {
        // Separate arrays: a shared one would make the first write allocate.
        State(
            hidden: Array(repeating: 0, count: outputCount),
            gatesOfInput: Array(repeating: 0, count: fromState.rows),
            gatesOfState: Array(repeating: 0, count: fromState.rows)
        )
    }

    /// Resets the hidden state to zeros.
    public func reset(_ state: inout State) {
        for i in state.hidden.indices { state.hidden[i] = 0 }
    }

    /// Processes one frame and writes the new hidden state.
    @discardableResult
    public func step(
        _ input: Span<Float>,
        _ state: inout State,
        into output: inout MutableSpan<Float>
    ) -> Bool {
        var gatesOfInput = state.gatesOfInput.mutableSpan
        fromInput.multiply(input, into: &gatesOfInput)
        fromState.multiply(state.hidden, into: &state.gatesOfState)
        gruUpdate(fromInput: state.gatesOfInput, fromState: state.gatesOfState, h: &state.hidden)
        copy(state.hidden.span, into: &output)
        return true
    }

    /// Returns the hidden states of a whole sequence; the input part is one matrix product.
    public func forward(_ sequence: [Float]) -> [Float] {
        let gatesOfInputs = fromInput.multiply(sequence: sequence)
        let gateCount = fromState.rows
        var hidden = [Float](repeating: 0, count: outputCount)
        return (0..<frameCount(of: sequence)).flatMap { t in
            let input = gatesOfInputs[t * gateCount..<(t + 1) * gateCount]
            let gatesOfState = fromState.multiply(sequence: hidden)
            gruUpdate(fromInput: Array(input), fromState: gatesOfState, h: &hidden)
            return hidden
        }
    }
}
