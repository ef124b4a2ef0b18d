// SPDX-License-Identifier: Apache-2.0

/// The loops over time that ``GRU``, ``LSTM`` and ``RNN`` share, forward and backward; each subclass adds its cell.
///
/// B batch, T frames, C channels in, H hidden, G gates, and h[-1] = 0. One product computes the input's part of all
/// gates; then each frame adds the part of the previous state, and the cell computes h from the sums.
public class Recurrence<Scalar: TrainingScalar>: SequenceLayer {
    let hidden: Int
    let weights: RecurrentWeights<Scalar>
    private let gateCount: Int
    /// [B, T, G H]: the gates after forward; after backward the gradients of the input's part of them.
    private let gates = Workspace<Scalar>()
    private let fromState = Workspace<Scalar>()
    private let zeros = Workspace<Scalar>()
    private let dh = Workspace<Scalar>()
    private let output = Workspace<Scalar>()
    private let inputGradients = Workspace<Scalar>()
    private var x: Sequences<Scalar>?
    private var h: Sequences<Scalar>?

    /// One frame of one sequence.
    struct Frame {
        /// Row of the frame in `[B T, ...]`.
        let row: Int
        /// Row of the sequence in `[B, ...]`.
        let sequence: Int
        /// Gates `[G H]`.
        let gates: UnsafeMutablePointer<Scalar>
        /// h[t] `[H]`.
        let h: UnsafeMutablePointer<Scalar>
        /// h[t-1] `[H]`; zeros for the first frame.
        let previous: UnsafePointer<Scalar>
        /// True if t is 0.
        let isFirst: Bool
    }

    /// Draws the weights as PyTorch does; see ``RecurrentWeights``.
    init(
        _ parameters: Parameters<Scalar>,
        _ name: String,
        end: String,
        gates: Int,
        inputs: Int,
        hidden: Int,
        random: inout TrainingRandom
    ) {
        (self.hidden, gateCount) = (hidden, gates)
        weights = RecurrentWeights(
            parameters,
            name,
            end: end,
            gates: gates,
            inputs: inputs,
            hidden: hidden,
            random: &random
        )
    }

    /// The output; see the type.
    public func forward(_ x: Sequences<Scalar>, _ dropout: DropoutSource? = nil) -> Sequences<Scalar> {
        let g = x.like(gates, channels: gateCount * hidden)
        let h = x.like(output, channels: hidden)
        (self.x, self.h) = (x, h)
        weights.takeInput(x, into: g)
        begin(g)
        let state = Matrix(fromState.zeros(x.batch * g.channels), rows: x.batch, columns: g.channels)
        _ = zeros.zeros(hidden)
        for t in 0..<x.frames {
            if t > 0 { state.setProduct(h.frame(t - 1), weights.state.matrix.transposed) }
            for b in 0..<x.batch {
                step(frame(t, of: b, g, h), fromState: state.data + b * g.channels)
            }
        }
        return h
    }

    /// Adds to the gradients of the weights and biases. Call it once after each `forward`: it overwrites the gates.
    public func backward(_ dy: Sequences<Scalar>) -> Sequences<Scalar> {
        guard let x, let h else { preconditionFailure("backward before forward") }
        let g = dy.like(gates, channels: gateCount * hidden)
        let dState = beginBackward(g)
        throughTime(dy, g, h, dState: dState)
        let dx = x.like(inputGradients)
        weights.backward(g, dState, x: x, h: h, dx: dx)
        return dx
    }

    /// Replaces the gates `g` by their gradients, from the last frame to the first.
    private func throughTime(
        _ dy: Sequences<Scalar>,
        _ g: Sequences<Scalar>,
        _ h: Sequences<Scalar>,
        dState: Sequences<Scalar>
    ) {
        let dh = Matrix(dh.zeros(dy.batch * hidden), rows: dy.batch, columns: hidden)
        for t in (0..<dy.frames).reversed() {
            for b in 0..<dy.batch {
                let frame = frame(t, of: b, g, h)
                let flowing = dh.data + b * hidden
                Scalar.add(flowing, dy.data + frame.row * hidden, count: hidden)
                stepBack(frame, dh: flowing)
            }
            guard t > 0 else { continue }
            if passesState {
                dh.addProduct(dState.frame(t), weights.state.matrix)
            } else {
                dh.setProduct(dState.frame(t), weights.state.matrix)
            }
        }
    }

    private func frame(_ t: Int, of sequence: Int, _ g: Sequences<Scalar>, _ h: Sequences<Scalar>) -> Frame {
        let row = sequence * g.frames + t
        let current = h.data + row * hidden
        return Frame(
            row: row,
            sequence: sequence,
            gates: g.data + row * g.channels,
            h: current,
            previous: t > 0 ? UnsafePointer(current - hidden) : UnsafePointer(zeros.pointer),
            isFirst: t == 0
        )
    }

    // MARK: The cell

    /// True if part of dh reaches the previous frame without passing the gates, as in a GRU.
    var passesState: Bool { false }

    /// Prepares for sums that hold W_i x + b_i; adds b_h, unless the cell needs that separately.
    func begin(_ sums: Sequences<Scalar>) {
        Scalar.addBias(sums.data, weights.stateBias.values, rows: sums.rows, columns: sums.channels)
    }

    /// Computes h from the sums; `fromState` is W_h h[t-1] `[G H]`.
    func step(_ frame: Frame, fromState: UnsafeMutablePointer<Scalar>) {
        preconditionFailure("a recurrence without a cell")
    }

    /// Prepares for backward; returns the gradients of W_h h + b_h, which are those of the gates unless they differ.
    func beginBackward(_ gates: Sequences<Scalar>) -> Sequences<Scalar> { gates }

    /// Replaces the gates by their gradients; `dh` is the gradient of h[t] `[H]`.
    func stepBack(_ frame: Frame, dh: UnsafeMutablePointer<Scalar>) {
        preconditionFailure("a recurrence without a cell")
    }
}
