// SPDX-License-Identifier: Apache-2.0

/// A gated recurrent unit over a batch: `NeuralLayers.GRU`, forward and backward through time.
///
/// B batch, T frames, C channels in, H hidden. Gates in PyTorch's order r, z, n:
/// h[t] = (1 - z) n + z h[t-1], n = tanh(W_in x + b_in + r (W_hn h[t-1] + b_hn)), and h[-1] = 0
/// (Cho et al. 2014, arXiv:1406.1078, in PyTorch's variant).
public final class GatedRecurrence<Scalar: TrainingScalar>: SequenceLayer {
    private let hidden: Int
    private let weights: RecurrentWeights<Scalar>
    /// [B, T, 3H]: r, z, n after forward; in backward the gradients of what the input brought to them.
    private let gates = Workspace<Scalar>()
    /// [B, T, 3H]: gradients of W_h h + b_h.
    private let stateGateGradients = Workspace<Scalar>()
    /// [B, T, H]: W_hn h + b_hn.
    private let stateNew = Workspace<Scalar>()
    private let fromState = Workspace<Scalar>()
    private let zeros = Workspace<Scalar>()
    private let dh = Workspace<Scalar>()
    private let output = Workspace<Scalar>()
    private let inputGradients = Workspace<Scalar>()
    private var x: Sequences<Scalar>?
    private var h: Sequences<Scalar>?

    /// Draws the weights as PyTorch does.
    ///
    /// - Parameters:
    ///   - layer: the number in PyTorch's names of a stack, such as `gru.weight_ih_l0`.
    ///   - suffix: what follows it, such as PyTorch's `_reverse`.
    public init(
        _ parameters: Parameters<Scalar>,
        _ name: String,
        layer: Int,
        suffix: String = "",
        inputs: Int,
        hidden: Int,
        random: inout TrainingRandom
    ) {
        self.hidden = hidden
        weights = RecurrentWeights(
            parameters,
            name,
            end: "l\(layer)\(suffix)",
            gates: 3,
            inputs: inputs,
            hidden: hidden,
            random: &random
        )
    }

    /// The output; see the type.
    public func forward(_ x: Sequences<Scalar>, _ dropout: DropoutSource? = nil)
        -> Sequences<Scalar>
    {
        let g = x.like(gates, channels: 3 * hidden)
        let h = x.like(output, channels: hidden)
        let new = x.like(stateNew, channels: hidden)
        (self.x, self.h) = (x, h)
        weights.takeInput(x, into: g)
        let fromState = Matrix(fromState.zeros(x.batch * 3 * hidden), rows: x.batch, columns: 3 * hidden)
        let start = zeros.zeros(hidden)
        for t in 0..<x.frames {
            if t > 0 { fromState.take(h.frame(t - 1), weights.state.matrix.transposed) }
            for b in 0..<x.batch {
                let row = b * x.frames + t
                Scalar.gru(
                    gates: g.data + row * 3 * hidden,
                    fromState: fromState.data + b * 3 * hidden,
                    stateBias: weights.stateBias.values,
                    previous: t > 0 ? h.data + (row - 1) * hidden : start,
                    stateNew: new.data + row * hidden,
                    h: h.data + row * hidden,
                    width: hidden
                )
            }
        }
        return h
    }

    /// Adds to the gradients of the weights and biases. Once for each forward, whose gates it consumes.
    public func backward(_ dy: Sequences<Scalar>) -> Sequences<Scalar> {
        guard let x, let h else { preconditionFailure("backward before forward") }
        let g = dy.like(gates, channels: 3 * hidden)
        let dg = dy.like(stateGateGradients, channels: 3 * hidden)
        throughTime(dy, g, dg)
        let dx = x.like(inputGradients)
        weights.backward(g, dg, x: x, h: h, dx: dx)
        return dx
    }

    /// Turns the gates `g` into their gradients, from the last frame to the first.
    private func throughTime(_ dy: Sequences<Scalar>, _ g: Sequences<Scalar>, _ dg: Sequences<Scalar>) {
        let dh = Matrix(dh.zeros(dy.batch * hidden), rows: dy.batch, columns: hidden)
        for t in (0..<dy.frames).reversed() {
            for b in 0..<dy.batch {
                let row = b * dy.frames + t
                let flowing = dh.data + b * hidden
                Scalar.add(flowing, dy.data + row * hidden, count: hidden)
                Scalar.gruGradient(
                    gates: g.data + row * 3 * hidden,
                    stateNew: stateNew.pointer + row * hidden,
                    previous: t > 0 ? output.pointer + (row - 1) * hidden : zeros.pointer,
                    dh: flowing,
                    dFromState: dg.data + row * 3 * hidden,
                    width: hidden
                )
            }
            if t > 0 { dh.take(dg.frame(t), weights.state.matrix, adding: true) }
        }
    }
}
