// SPDX-License-Identifier: Apache-2.0

/// Zero mean and unit variance over the channels of each frame, then scale and shift:
/// `NeuralLayers.LayerNorm`, forward and backward (Ba, Kiros, Hinton 2016, arXiv:1607.06450).
public final class LayerNorm<Scalar: TrainingScalar>: SequenceLayer {
    private let channels: Int
    private let epsilon: Scalar = 1e-5
    private let weight: Parameter<Scalar>
    private let bias: Parameter<Scalar>
    private let normalized = Workspace<Scalar>()
    private let inverseDeviations = Workspace<Scalar>()
    private let output = Workspace<Scalar>()
    private let inputGradients = Workspace<Scalar>()

    /// A layer with scale 1 and shift 0.
    public init(_ parameters: Parameters<Scalar>, _ name: String, channels: Int) {
        self.channels = channels
        weight = parameters.add(name + ".weight", [channels]) { 1 }
        bias = parameters.add(name + ".bias", [channels]) { 0 }
    }

    /// The output; see the type.
    public func forward(_ x: Sequences<Scalar>, _ dropout: DropoutSource? = nil)
        -> Sequences<Scalar>
    {
        let y = x.like(output)
        Scalar.layerNorm(
            x.data,
            weight: weight.values,
            bias: bias.values,
            normalized: normalized.reserve(x.count),
            inverseDeviations: inverseDeviations.reserve(x.rows),
            output: y.data,
            rows: x.rows,
            columns: channels,
            epsilon: epsilon
        )
        return y
    }

    /// The gradient of the input; adds to those of the parameters.
    public func backward(_ dy: Sequences<Scalar>) -> Sequences<Scalar> {
        let dx = dy.like(inputGradients)
        Scalar.layerNormGradient(
            dy.data,
            weight: weight.values,
            normalized: normalized.pointer,
            inverseDeviations: inverseDeviations.pointer,
            dWeight: weight.gradients,
            dBias: bias.gradients,
            dx: dx.data,
            rows: dy.rows,
            columns: channels
        )
        return dx
    }
}
