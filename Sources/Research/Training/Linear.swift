// SPDX-License-Identifier: Apache-2.0

/// y = x W^T + b for each frame: `NeuralLayers.Linear`, forward and backward.
public final class Linear<Scalar: TrainingScalar>: SequenceLayer {
    let inputs: Int
    let outputs: Int
    private let weight: Parameter<Scalar>
    private let bias: Parameter<Scalar>?
    private let output = Workspace<Scalar>()
    private let inputGradients = Workspace<Scalar>()
    private var x: Sequences<Scalar>?

    /// Draws the weights as PyTorch does.
    public init(
        _ parameters: Parameters<Scalar>,
        _ name: String,
        inputs: Int,
        outputs: Int,
        hasBias: Bool = true,
        random: inout TrainingRandom
    ) {
        (self.inputs, self.outputs) = (inputs, outputs)
        let limit = Scalar(1 / Double(inputs).squareRoot())
        weight = parameters.add(name + ".weight", [outputs, inputs]) { random.uniform(limit) }
        bias = hasBias ? parameters.add(name + ".bias", [outputs]) { random.uniform(limit) } : nil
    }

    /// The output; see the type.
    public func forward(_ x: Sequences<Scalar>, _ dropout: DropoutSource? = nil)
        -> Sequences<Scalar>
    {
        precondition(x.channels == inputs, "\(x.channels) channels, not \(inputs)")
        self.x = x
        let y = x.like(output, channels: outputs)
        y.matrix.setProduct(x.matrix, weight.matrix.transposed)
        if let bias { Scalar.addBias(y.data, bias.values, rows: y.rows, columns: outputs) }
        return y
    }

    /// The gradient of the input; adds to those of the parameters.
    public func backward(_ dy: Sequences<Scalar>) -> Sequences<Scalar> {
        guard let x else { preconditionFailure("backward before forward") }
        if let bias { Scalar.sumRows(bias.gradients, dy.data, rows: dy.rows, columns: outputs) }
        weight.gradientMatrix.addProduct(dy.matrix.transposed, x.matrix)
        let dx = dy.like(inputGradients, channels: inputs)
        dx.matrix.setProduct(dy.matrix, weight.matrix)
        return dx
    }
}
