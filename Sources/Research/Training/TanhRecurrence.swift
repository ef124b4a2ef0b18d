// SPDX-License-Identifier: Apache-2.0

/// The simplest recurrence, h[t] = tanh(W_i x[t] + b_i + W_h h[t-1] + b_h) and h[-1] = 0: PyTorch's `RNN`
/// (Elman 1990).
public final class TanhRecurrence<Scalar: TrainingScalar>: SequenceLayer {
    private let hidden: Int
    private let weights: RecurrentWeights<Scalar>
    private let output = Workspace<Scalar>()
    private let sumGradients = Workspace<Scalar>()
    private let inputGradients = Workspace<Scalar>()
    private var x: Sequences<Scalar>?
    private var h: Sequences<Scalar>?

    /// Draws the weights as PyTorch does.
    public init(
        _ parameters: Parameters<Scalar>,
        _ name: String,
        inputs: Int,
        hidden: Int,
        random: inout TrainingRandom
    ) {
        self.hidden = hidden
        weights = RecurrentWeights(
            parameters,
            name,
            end: "l0",
            gates: 1,
            inputs: inputs,
            hidden: hidden,
            random: &random
        )
    }

    /// The output; see the type.
    public func forward(_ x: Sequences<Scalar>, _ dropout: DropoutSource? = nil) -> Sequences<Scalar> {
        let h = x.like(output, channels: hidden)
        (self.x, self.h) = (x, h)
        weights.takeInput(x, into: h)
        Scalar.addBias(h.data, weights.stateBias.values, rows: h.rows, columns: hidden)
        for t in 0..<x.frames {
            if t > 0 { h.frame(t).take(h.frame(t - 1), weights.state.matrix.transposed, adding: true) }
            for b in 0..<x.batch { Scalar.tanh(h.data + (b * x.frames + t) * hidden, count: hidden) }
        }
        return h
    }

    /// Adds to the gradients of the weights and biases.
    public func backward(_ dy: Sequences<Scalar>) -> Sequences<Scalar> {
        guard let x, let h else { preconditionFailure("backward before forward") }
        let g = dy.like(sumGradients)
        g.data.update(from: dy.data, count: dy.count)
        for t in (0..<g.frames).reversed() {
            if t < g.frames - 1 { g.frame(t).take(g.frame(t + 1), weights.state.matrix, adding: true) }
            for b in 0..<g.batch {
                let row = (b * g.frames + t) * hidden
                Scalar.tanhGradient(g.data + row, h.data + row, count: hidden)
            }
        }
        let dx = x.like(inputGradients)
        weights.backward(g, g, x: x, h: h, dx: dx)
        return dx
    }
}
