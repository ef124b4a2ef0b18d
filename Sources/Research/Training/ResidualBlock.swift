// SPDX-License-Identifier: Apache-2.0

/// x + change(x): a residual connection around some layers and a dropout, forward and backward.
public final class ResidualBlock<Scalar: TrainingScalar>: SequenceLayer {
    private let change: [any SequenceLayer<Scalar>]
    private let dropout: Dropout<Scalar>
    private let output = Workspace<Scalar>()
    private let inputGradients = Workspace<Scalar>()

    /// A block around `layers`, in forward order.
    public init(_ change: [any SequenceLayer<Scalar>], dropout: Double) {
        self.change = change
        self.dropout = Dropout(share: dropout)
    }

    /// The output; see the type.
    public func forward(_ x: Sequences<Scalar>, _ source: DropoutSource?) -> Sequences<Scalar> {
        let y = x.like(output)
        y.data.update(from: x.data, count: x.count)
        let change = change.reduce(x) { $1.forward($0, source) }
        dropout.forward(change, source)
        Scalar.add(y.data, change.data, count: y.count)
        return y
    }

    /// The gradient of the input; changes `dy` in place.
    public func backward(_ dy: Sequences<Scalar>) -> Sequences<Scalar> {
        let dx = dy.like(inputGradients)
        dx.data.update(from: dy.data, count: dy.count)
        dropout.backward(dy)
        let dChange = change.reversed().reduce(dy) { $1.backward($0) }
        Scalar.add(dx.data, dChange.data, count: dx.count)
        return dx
    }
}

extension NetworkShape {
    /// The layers that a residual block adds to its input, as in `EmotionEncoder`.
    func blockLayers<Scalar: TrainingScalar>(
        _ parameters: Parameters<Scalar>,
        _ name: String,
        dilation: Int,
        random: inout TrainingRandom
    ) -> [any SequenceLayer<Scalar>] {
        func linear(_ part: String, _ inputs: Int, _ outputs: Int) -> Linear<Scalar> {
            Linear(parameters, "\(name).\(part)", inputs: inputs, outputs: outputs, random: &random)
        }
        let norm = LayerNorm(parameters, name + ".norm", channels: width)
        switch blockKind {
        case .convolution:
            let convolution = CausalConv1d(
                parameters,
                name + ".conv",
                inputs: width,
                outputs: width,
                taps: kernel,
                dilation: dilation,
                random: &random
            )
            return [norm, convolution, ActivationLayer(activation), linear("pointwise", width, width)]
        case .depthwise:
            let convolution = DepthwiseConv1d(
                parameters,
                name + ".conv",
                channels: width,
                taps: kernel,
                dilation: dilation,
                random: &random
            )
            let expand = linear("expand", width, expansion * width)
            let contract = linear("contract", expansion * width, width)
            return [convolution, norm, expand, ActivationLayer(activation), contract]
        }
    }
}
