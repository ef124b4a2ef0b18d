// SPDX-License-Identifier: Apache-2.0

/// The simplest recurrence, h[t] = tanh(W_i x[t] + b_i + W_h h[t-1] + b_h) and h[-1] = 0: PyTorch's `RNN`
/// (Elman 1990).
public final class TanhRecurrence<Scalar: TrainingScalar>: SequenceLayer {
    private let hidden: Int
    private let inputWeight: Parameter<Scalar>
    private let stateWeight: Parameter<Scalar>
    private let inputBias: Parameter<Scalar>
    private let stateBias: Parameter<Scalar>
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
        let limit = Scalar(1 / Double(hidden).squareRoot())
        inputWeight = parameters.add(name + ".weight_ih_l0", [hidden, inputs]) { random.uniform(limit) }
        stateWeight = parameters.add(name + ".weight_hh_l0", [hidden, hidden]) { random.uniform(limit) }
        inputBias = parameters.add(name + ".bias_ih_l0", [hidden]) { random.uniform(limit) }
        stateBias = parameters.add(name + ".bias_hh_l0", [hidden]) { random.uniform(limit) }
    }

    /// The output; see the type.
    public func forward(_ x: Sequences<Scalar>, _ dropout: DropoutSource? = nil) -> Sequences<Scalar> {
        let h = x.like(output, channels: hidden)
        (self.x, self.h) = (x, h)
        h.matrix.take(x.matrix, inputWeight.matrix.transposed)
        Scalar.addBias(h.data, inputBias.values, rows: h.rows, columns: hidden)
        Scalar.addBias(h.data, stateBias.values, rows: h.rows, columns: hidden)
        for t in 0..<x.frames {
            if t > 0 { h.frame(t).take(h.frame(t - 1), stateWeight.matrix.transposed, adding: true) }
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
            if t < g.frames - 1 { g.frame(t).take(g.frame(t + 1), stateWeight.matrix, adding: true) }
            for b in 0..<g.batch {
                let row = (b * g.frames + t) * hidden
                Scalar.tanhGradient(g.data + row, h.data + row, count: hidden)
            }
        }
        Scalar.sumRows(inputBias.gradients, g.data, rows: g.rows, columns: hidden)
        Scalar.sumRows(stateBias.gradients, g.data, rows: g.rows, columns: hidden)
        inputWeight.gradientMatrix.take(g.matrix.transposed, x.matrix, adding: true)
        for b in 0..<(g.frames > 1 ? g.batch : 0) {
            stateWeight.gradientMatrix.take(
                g.frames(of: b, from: 1, count: g.frames - 1).transposed,
                h.frames(of: b, from: 0, count: g.frames - 1),
                adding: true
            )
        }
        let dx = x.like(inputGradients)
        dx.matrix.take(g.matrix, inputWeight.matrix)
        return dx
    }
}
