// SPDX-License-Identifier: Apache-2.0
import MatrixProducts

/// Gated recurrent unit over a batch: `NeuralLayers.GRU`, forward and backward (Cho et al. 2014, arXiv:1406.1078,
/// in PyTorch's form and gate order r, z, n).
///
/// B batch, T frames, C channels in, H hidden. With a = W x + b and h = U h[t-1] + c, each `[3H]`:
/// r = sigmoid(a_r + h_r), z = sigmoid(a_z + h_z), n = tanh(a_n + r h_n), h[t] = (1 - z) n + z h[t-1].
public final class RecurrentLayer<Scalar: TrainingScalar> {
    private let inputs: Int
    private let hidden: Int
    private let parameters: Parameters<Scalar>
    private let weights: (input: Parameters<Scalar>.Entry, state: Parameters<Scalar>.Entry)
    private let biases: (input: Parameters<Scalar>.Entry, state: Parameters<Scalar>.Entry)
    /// r, z, n of every frame, `[B, T, 3H]`; backward turns them into gradients by a.
    private let gates = Workspace<Scalar>()
    /// U h + c of every frame, `[B, T, 3H]`; backward turns them into gradients by it.
    private let fromState = Workspace<Scalar>()
    /// h[t-1] of every frame, `[B, T, H]`.
    private let before = Workspace<Scalar>()
    private let output = Workspace<Scalar>()
    private let carry = Workspace<Scalar>()
    private let inputGradients = Workspace<Scalar>()
    private var x: Sequences<Scalar>?

    /// Draws the weights as PyTorch does.
    public init(
        _ parameters: Parameters<Scalar>,
        _ name: String,
        inputs: Int,
        hidden: Int,
        random: inout TrainingRandom
    ) {
        (self.inputs, self.hidden, self.parameters) = (inputs, hidden, parameters)
        let limit = Scalar(1 / Double(hidden).squareRoot())
        weights = (
            parameters.add(name + ".weight_ih_l0", [3 * hidden, inputs]) { random.uniform(limit) },
            parameters.add(name + ".weight_hh_l0", [3 * hidden, hidden]) { random.uniform(limit) }
        )
        biases = (
            parameters.add(name + ".bias_ih_l0", [3 * hidden]) { random.uniform(limit) },
            parameters.add(name + ".bias_hh_l0", [3 * hidden]) { random.uniform(limit) }
        )
    }

    /// `[B, T, C]` to `[B, T, H]`, from a state of zeros.
    public func forward(_ x: Sequences<Scalar>) -> Sequences<Scalar> {
        precondition(x.channels == inputs, "\(x.channels) channels, not \(inputs)")
        self.x = x
        let a = gates.zeros(x.rows * 3 * hidden)
        Scalar.addBias(a, parameters.values + biases.input.offset, rows: x.rows, columns: 3 * hidden)
        Scalar.gemm(
            transposeA: false,
            transposeB: true,
            rows: x.rows,
            columns: 3 * hidden,
            inner: inputs,
            alpha: 1,
            a: x.data,
            strideA: inputs,
            b: parameters.values + weights.input.offset,
            strideB: inputs,
            beta: 1,
            c: a,
            strideC: 3 * hidden
        )
        let u = fromState.zeros(x.rows * 3 * hidden)
        Scalar.addBias(u, parameters.values + biases.state.offset, rows: x.rows, columns: 3 * hidden)
        let h = before.zeros(x.rows * hidden)
        let y = Sequences(
            batch: x.batch,
            frames: x.frames,
            channels: hidden,
            data: output.reserve(x.rows * hidden)
        )
        for t in 0..<x.frames { step(t, a, u, h, y) }
        return y
    }

    private func step(
        _ t: Int,
        _ a: UnsafeMutablePointer<Scalar>,
        _ u: UnsafeMutablePointer<Scalar>,
        _ h: UnsafeMutablePointer<Scalar>,
        _ y: Sequences<Scalar>
    ) {
        let T = y.frames
        if t > 0 {
            // One row for each sequence of the batch, T rows apart: the strides do what a transpose would.
            Scalar.gemm(
                transposeA: false,
                transposeB: true,
                rows: y.batch,
                columns: 3 * hidden,
                inner: hidden,
                alpha: 1,
                a: h + t * hidden,
                strideA: T * hidden,
                b: parameters.values + weights.state.offset,
                strideB: hidden,
                beta: 1,
                c: u + t * 3 * hidden,
                strideC: T * 3 * hidden
            )
        }
        for b in 0..<y.batch {
            let row = b * T + t
            let next = t + 1 < T ? h + (row + 1) * hidden : nil
            Scalar.gruForward(
                a + row * 3 * hidden,
                u + row * 3 * hidden,
                h + row * hidden,
                y.data + row * hidden,
                count: hidden
            )
            next?.update(from: y.data + row * hidden, count: hidden)
        }
    }

    /// Adds to the gradients of the weights; returns the gradient of the input.
    public func backward(_ dy: Sequences<Scalar>) -> Sequences<Scalar> {
        guard let x else { preconditionFailure("backward before forward") }
        let (da, du) = (gates.pointer, fromState.pointer)
        let dh = carry.zeros(dy.batch * hidden)
        for t in stride(from: dy.frames - 1, through: 0, by: -1) { stepBack(t, da, du, dh, dy) }
        let dx = Sequences(
            batch: dy.batch,
            frames: dy.frames,
            channels: inputs,
            data: inputGradients.reserve(x.count)
        )
        accumulate(du, before.pointer, columns: hidden, weights.state, biases.state, rows: dy.rows)
        accumulate(da, x.data, columns: inputs, weights.input, biases.input, rows: dy.rows)
        Scalar.gemm(
            transposeA: false,
            transposeB: false,
            rows: dy.rows,
            columns: inputs,
            inner: 3 * hidden,
            alpha: 1,
            a: da,
            strideA: 3 * hidden,
            b: parameters.values + weights.input.offset,
            strideB: inputs,
            beta: 0,
            c: dx.data,
            strideC: inputs
        )
        return dx
    }

    private func stepBack(
        _ t: Int,
        _ da: UnsafeMutablePointer<Scalar>,
        _ du: UnsafeMutablePointer<Scalar>,
        _ dh: UnsafeMutablePointer<Scalar>,
        _ dy: Sequences<Scalar>
    ) {
        let T = dy.frames
        for b in 0..<dy.batch {
            let row = b * T + t
            Scalar.add(dh + b * hidden, dy.data + row * hidden, count: hidden)
            Scalar.gruBackward(
                da + row * 3 * hidden,
                du + row * 3 * hidden,
                before.pointer + row * hidden,
                dh + b * hidden,
                count: hidden
            )
        }
        Scalar.gemm(
            transposeA: false,
            transposeB: false,
            rows: dy.batch,
            columns: hidden,
            inner: 3 * hidden,
            alpha: 1,
            a: du + t * 3 * hidden,
            strideA: T * 3 * hidden,
            b: parameters.values + weights.state.offset,
            strideB: hidden,
            beta: 1,
            c: dh,
            strideC: hidden
        )
    }

    private func accumulate(
        _ gradient: UnsafePointer<Scalar>,
        _ seen: UnsafePointer<Scalar>,
        columns: Int,
        _ weight: Parameters<Scalar>.Entry,
        _ bias: Parameters<Scalar>.Entry,
        rows: Int
    ) {
        Scalar.sumRows(parameters.gradients + bias.offset, gradient, rows: rows, columns: 3 * hidden)
        Scalar.gemm(
            transposeA: true,
            transposeB: false,
            rows: 3 * hidden,
            columns: columns,
            inner: rows,
            alpha: 1,
            a: gradient,
            strideA: 3 * hidden,
            b: seen,
            strideB: columns,
            beta: 1,
            c: parameters.gradients + weight.offset,
            strideC: columns
        )
    }
}
