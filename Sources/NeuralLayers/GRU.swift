// SPDX-License-Identifier: Apache-2.0
import StepKernels

/// A gated recurrent unit, one layer, forwards in time.
///
/// Concretely, with the gates stacked in PyTorch's order r, z, n:
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

    /// Takes PyTorch's shapes: `weightInput` `[3 hidden, input]`, `weightHidden` `[3 hidden, hidden]`,
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

    /// Channels in.
    public var inputCount: Int { fromInput.columns }
    /// Channels out: the hidden state.
    public var outputCount: Int { fromState.columns }
    /// Sees all of the past.
    public var geometry: StreamGeometry { StreamGeometry(leftContext: nil) }

    /// The hidden state `[hidden]`, and room for the gates `[3, hidden]`.
    public struct State: Sendable {
        fileprivate var hidden: [Float]
        fileprivate var gatesOfInput: [Float]
        fileprivate var gatesOfState: [Float]
    }

    /// A hidden state of zeros.
    public func makeState() -> State {
        // An array each: two names for one would make the first write allocate.
        State(
            hidden: Array(repeating: 0, count: outputCount),
            gatesOfInput: Array(repeating: 0, count: fromState.rows),
            gatesOfState: Array(repeating: 0, count: fromState.rows)
        )
    }

    /// A hidden state of zeros again.
    public func reset(_ state: inout State) {
        for i in state.hidden.indices { state.hidden[i] = 0 }
    }

    /// One frame in, the new hidden state out.
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

    /// The hidden states of a whole sequence; what the inputs bring is one matrix product.
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
