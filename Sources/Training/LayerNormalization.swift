// SPDX-License-Identifier: Apache-2.0

/// Zero mean and unit variance over the channels of each frame, then scale and shift:
/// `NeuralLayers.LayerNorm`, forward and backward (Ba, Kiros, Hinton 2016, arXiv:1607.06450).
public final class LayerNormalization<Scalar: TrainingScalar> {
    private let channels: Int
    private let epsilon: Scalar = 1e-5
    private let parameters: Parameters<Scalar>
    private let weight: Parameters<Scalar>.Entry
    private let bias: Parameters<Scalar>.Entry
    private let normalized = Workspace<Scalar>()
    private let inverseDeviations = Workspace<Scalar>()
    private let output = Workspace<Scalar>()
    private let inputGradients = Workspace<Scalar>()

    public init(_ parameters: Parameters<Scalar>, _ name: String, channels: Int) {
        (self.channels, self.parameters) = (channels, parameters)
        weight = parameters.add(name + ".weight", [channels]) { 1 }
        bias = parameters.add(name + ".bias", [channels]) { 0 }
    }

    /// Runs the layer over a batch; the result stays valid until the next call.
    public func forward(_ x: Sequences<Scalar>) -> Sequences<Scalar> {
        let y = Sequences(
            batch: x.batch,
            frames: x.frames,
            channels: channels,
            data: output.reserve(x.count)
        )
        Scalar.layerNorm(
            x.data,
            weight: parameters.values + weight.offset,
            bias: parameters.values + bias.offset,
            normalized: normalized.reserve(x.count),
            inverseDeviations: inverseDeviations.reserve(x.rows),
            output: y.data,
            rows: x.rows,
            columns: channels,
            epsilon: epsilon
        )
        return y
    }

    public func backward(_ dy: Sequences<Scalar>) -> Sequences<Scalar> {
        let dx = Sequences(
            batch: dy.batch,
            frames: dy.frames,
            channels: channels,
            data: inputGradients.reserve(dy.count)
        )
        Scalar.layerNormGradient(
            dy.data,
            weight: parameters.values + weight.offset,
            normalized: normalized.pointer,
            inverseDeviations: inverseDeviations.pointer,
            dWeight: parameters.gradients + weight.offset,
            dBias: parameters.gradients + bias.offset,
            dx: dx.data,
            rows: dy.rows,
            columns: channels
        )
        return dx
    }
}
