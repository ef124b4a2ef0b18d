// SPDX-License-Identifier: Apache-2.0
import MatrixProducts

/// y = x W^T + b for each frame: `NeuralLayers.Linear`, forward and backward.
public final class LinearLayer<Scalar: TrainingScalar> {
    let inputs: Int
    let outputs: Int
    private let parameters: Parameters<Scalar>
    private let weight: Parameters<Scalar>.Entry
    private let bias: Parameters<Scalar>.Entry
    private let output = Workspace<Scalar>()
    private let inputGradients = Workspace<Scalar>()
    private var x: Sequences<Scalar>?

    public init(
        _ parameters: Parameters<Scalar>,
        _ name: String,
        inputs: Int,
        outputs: Int,
        random: inout TrainingRandom
    ) {
        (self.inputs, self.outputs, self.parameters) = (inputs, outputs, parameters)
        let limit = Scalar(1 / Double(inputs).squareRoot())
        weight = parameters.add(name + ".weight", [outputs, inputs]) { random.uniform(limit) }
        bias = parameters.add(name + ".bias", [outputs]) { random.uniform(limit) }
    }

    /// Runs the layer over a batch; the result stays valid until the next call.
    public func forward(_ x: Sequences<Scalar>) -> Sequences<Scalar> {
        precondition(x.channels == inputs, "\(x.channels) channels, not \(inputs)")
        self.x = x
        let y = Sequences(
            batch: x.batch,
            frames: x.frames,
            channels: outputs,
            data: output.zeros(x.rows * outputs)
        )
        Scalar.addBias(y.data, parameters.values + bias.offset, rows: y.rows, columns: outputs)
        Scalar.gemm(
            transposeA: false,
            transposeB: true,
            rows: y.rows,
            columns: outputs,
            inner: inputs,
            alpha: 1,
            a: x.data,
            strideA: inputs,
            b: parameters.values + weight.offset,
            strideB: inputs,
            beta: 1,
            c: y.data,
            strideC: outputs
        )
        return y
    }

    public func backward(_ dy: Sequences<Scalar>) -> Sequences<Scalar> {
        guard let x else { preconditionFailure("backward before forward") }
        Scalar.sumRows(parameters.gradients + bias.offset, dy.data, rows: dy.rows, columns: outputs)
        Scalar.gemm(
            transposeA: true,
            transposeB: false,
            rows: outputs,
            columns: inputs,
            inner: dy.rows,
            alpha: 1,
            a: dy.data,
            strideA: outputs,
            b: x.data,
            strideB: inputs,
            beta: 1,
            c: parameters.gradients + weight.offset,
            strideC: inputs
        )
        let dx = Sequences(
            batch: dy.batch,
            frames: dy.frames,
            channels: inputs,
            data: inputGradients.reserve(dy.rows * inputs)
        )
        Scalar.gemm(
            transposeA: false,
            transposeB: false,
            rows: dy.rows,
            columns: inputs,
            inner: outputs,
            alpha: 1,
            a: dy.data,
            strideA: outputs,
            b: parameters.values + weight.offset,
            strideB: inputs,
            beta: 0,
            c: dx.data,
            strideC: inputs
        )
        return dx
    }
}
