// SPDX-License-Identifier: Apache-2.0

/// A long short-term memory over a batch, forward and backward through time.
///
/// B batch, T frames, C channels in, H hidden. Gates in PyTorch's order i, f, g, o:
/// c[t] = f c[t-1] + i g, h[t] = o tanh(c[t]), h[-1] = c[-1] = 0 (Hochreiter & Schmidhuber 1997, with the forget gate
/// of Gers et al. 2000).
public final class LongShortTermMemory<Scalar: TrainingScalar>: SequenceLayer {
    private let hidden: Int
    private let weights: RecurrentWeights<Scalar>
    /// [B, T, 4H]: i, f, g, o after forward; in backward the gradients of what was summed for each.
    private let gates = Workspace<Scalar>()
    /// [B, T, H]: c.
    private let cells = Workspace<Scalar>()
    private let fromState = Workspace<Scalar>()
    private let zeros = Workspace<Scalar>()
    private let dh = Workspace<Scalar>()
    private let dc = Workspace<Scalar>()
    private let output = Workspace<Scalar>()
    private let inputGradients = Workspace<Scalar>()
    private var x: Sequences<Scalar>?
    private var h: Sequences<Scalar>?

    /// Draws the weights as PyTorch does; `layer` and `suffix` are as in ``GatedRecurrence``.
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
            gates: 4,
            inputs: inputs,
            hidden: hidden,
            random: &random
        )
    }

    /// The output; see the type.
    public func forward(_ x: Sequences<Scalar>, _ dropout: DropoutSource? = nil) -> Sequences<Scalar> {
        let g = x.like(gates, channels: 4 * hidden)
        let c = x.like(cells, channels: hidden)
        let h = x.like(output, channels: hidden)
        (self.x, self.h) = (x, h)
        weights.takeInput(x, into: g)
        Scalar.addBias(g.data, weights.stateBias.values, rows: g.rows, columns: 4 * hidden)
        let fromState = Matrix(fromState.zeros(x.batch * 4 * hidden), rows: x.batch, columns: 4 * hidden)
        let start = zeros.zeros(hidden)
        for t in 0..<x.frames {
            if t > 0 { fromState.take(h.frame(t - 1), weights.state.matrix.transposed) }
            for b in 0..<x.batch {
                let row = b * x.frames + t
                Scalar.lstm(
                    gates: g.data + row * 4 * hidden,
                    fromState: fromState.data + b * 4 * hidden,
                    previousCell: t > 0 ? c.data + (row - 1) * hidden : start,
                    cell: c.data + row * hidden,
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
        let g = dy.like(gates, channels: 4 * hidden)
        throughTime(dy, g)
        let dx = x.like(inputGradients)
        weights.backward(g, g, x: x, h: h, dx: dx)
        return dx
    }

    /// Turns the gates `g` into their gradients, from the last frame to the first.
    private func throughTime(_ dy: Sequences<Scalar>, _ g: Sequences<Scalar>) {
        let dh = Matrix(dh.zeros(dy.batch * hidden), rows: dy.batch, columns: hidden)
        let dc = dc.zeros(dy.batch * hidden)
        for t in (0..<dy.frames).reversed() {
            for b in 0..<dy.batch {
                let row = b * dy.frames + t
                Scalar.add(dh.data + b * hidden, dy.data + row * hidden, count: hidden)
                Scalar.lstmGradient(
                    gates: g.data + row * 4 * hidden,
                    previousCell: t > 0 ? cells.pointer + (row - 1) * hidden : zeros.pointer,
                    cell: cells.pointer + row * hidden,
                    dh: dh.data + b * hidden,
                    dCell: dc + b * hidden,
                    width: hidden
                )
            }
            if t > 0 { dh.take(g.frame(t), weights.state.matrix) }
        }
    }
}
