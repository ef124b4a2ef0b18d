// SPDX-License-Identifier: Apache-2.0

/// The weights of a recurrence for its input and its own state: H hidden values and G gates.
struct RecurrentWeights<Scalar: TrainingScalar> {
    /// `[G H, C]`.
    let input: Parameter<Scalar>
    /// `[G H, H]`.
    let state: Parameter<Scalar>
    /// `[G H]` each.
    let inputBias: Parameter<Scalar>
    let stateBias: Parameter<Scalar>

    /// Draws the weights as PyTorch does.
    ///
    /// - Parameters:
    ///   - end: end of the names, such as `l0` or `l0_reverse`.
    ///   - gates: G.
    init(
        _ parameters: Parameters<Scalar>,
        _ name: String,
        end: String,
        gates: Int,
        inputs: Int,
        hidden: Int,
        random: inout TrainingRandom
    ) {
        let limit = Scalar(1 / Double(hidden).squareRoot())
        let rows = gates * hidden
        input = parameters.add("\(name).weight_ih_\(end)", [rows, inputs]) { random.uniform(limit) }
        state = parameters.add("\(name).weight_hh_\(end)", [rows, hidden]) { random.uniform(limit) }
        inputBias = parameters.add("\(name).bias_ih_\(end)", [rows]) { random.uniform(limit) }
        stateBias = parameters.add("\(name).bias_hh_\(end)", [rows]) { random.uniform(limit) }
    }

    /// Computes the input's part for all frames: `gates` = W_i x + b_i.
    func takeInput(_ x: Sequences<Scalar>, into gates: Sequences<Scalar>) {
        gates.matrix.setProduct(x.matrix, input.matrix.transposed)
        Scalar.addBias(gates.data, inputBias.values, rows: gates.rows, columns: gates.channels)
    }

    /// Adds to the gradients of all four, and writes that of the input.
    ///
    /// - Parameters:
    ///   - dInput: gradient of W_i x + b_i.
    ///   - dState: gradient of W_h h + b_h, where h is that of the previous frame.
    ///   - dx: receives the gradient of the input.
    func backward(
        _ dInput: Sequences<Scalar>,
        _ dState: Sequences<Scalar>,
        x: Sequences<Scalar>,
        h: Sequences<Scalar>,
        dx: Sequences<Scalar>
    ) {
        Scalar.sumRows(inputBias.gradients, dInput.data, rows: dInput.rows, columns: dInput.channels)
        Scalar.sumRows(stateBias.gradients, dState.data, rows: dState.rows, columns: dState.channels)
        input.gradientMatrix.addProduct(dInput.matrix.transposed, x.matrix)
        // Every frame but the first used the state of the previous frame.
        for b in 0..<(dState.frames > 1 ? dState.batch : 0) {
            state.gradientMatrix.addProduct(
                dState.frames(of: b, from: 1, count: dState.frames - 1).transposed,
                h.frames(of: b, from: 0, count: dState.frames - 1)
            )
        }
        dx.matrix.setProduct(dInput.matrix, input.matrix)
    }
}
