// SPDX-License-Identifier: Apache-2.0

/// x + pointwise(relu(convolution(norm(x)))): `EmotionEncoder`'s convolution block, forward and backward.
public final class ResidualBlock<Scalar: TrainingScalar> {
    private let norm: LayerNormalization<Scalar>
    private let convolution: CausalConvolution<Scalar>
    private let pointwise: LinearLayer<Scalar>
    private let dropout: Dropout<Scalar>
    private let output = Workspace<Scalar>()
    private let inputGradients = Workspace<Scalar>()

    public init(
        _ parameters: Parameters<Scalar>,
        _ name: String,
        _ shape: NetworkShape,
        dilation: Int,
        random: inout TrainingRandom
    ) {
        let width = shape.width
        norm = LayerNormalization(parameters, name + ".norm", channels: width)
        convolution = CausalConvolution(
            parameters,
            name + ".conv",
            inputs: width,
            outputs: width,
            taps: shape.kernel,
            dilation: dilation,
            random: &random
        )
        pointwise = LinearLayer(
            parameters,
            name + ".pointwise",
            inputs: width,
            outputs: width,
            random: &random
        )
        dropout = Dropout(share: shape.dropout)
    }

    /// Runs the layer over a batch; the result stays valid until the next call.
    public func forward(_ x: Sequences<Scalar>, _ random: UnsafeMutablePointer<TrainingRandom>?) -> Sequences<
        Scalar
    > {
        let hidden = convolution.forward(norm.forward(x))
        Scalar.relu(hidden.data, count: hidden.count)
        let change = pointwise.forward(hidden)
        dropout.forward(change, random)
        let y = Sequences(
            batch: x.batch,
            frames: x.frames,
            channels: x.channels,
            data: output.reserve(x.count)
        )
        y.data.update(from: x.data, count: x.count)
        Scalar.add(y.data, change.data, count: x.count)
        return y
    }

    public func backward(_ dy: Sequences<Scalar>) -> Sequences<Scalar> {
        let dx = Sequences(
            batch: dy.batch,
            frames: dy.frames,
            channels: dy.channels,
            data: inputGradients.reserve(dy.count)
        )
        dx.data.update(from: dy.data, count: dy.count)
        dropout.backward(dy)
        let dHidden = pointwise.backward(dy)
        Scalar.reluGradient(dHidden.data, convolution.lastOutput.data, count: dHidden.count)
        Scalar.add(dx.data, norm.backward(convolution.backward(dHidden)).data, count: dx.count)
        return dx
    }
}
