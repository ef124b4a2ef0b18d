// SPDX-License-Identifier: Apache-2.0
public import ModelBundle
import NeuralLayers

extension EmotionEncoder {
    /// Builds the network that a model folder describes.
    public init(_ folder: ModelFolder) throws(ModelError) {
        try self.init(configuration: folder.decodeConfiguration(), tensors: folder.tensors)
    }

    /// Builds a network from its description and exactly its tensors.
    public init(configuration: ModelConfiguration, tensors: TensorFile) throws(ModelError) {
        try configuration.validate()
        let shape = configuration.encoder
        let expected = shape.tensorShapes(
            labelCount: configuration.labels.count,
            attributeCount: configuration.attributes.count,
            vocal: configuration.vocal
        )
        if let unexpected = Set(tensors.names).subtracting(expected.map(\.name)).min() {
            throw .incompatible(
                reason: "its tensor \"\(unexpected)\" is not part of the network in its config.json"
            )
        }
        for tensor in expected { try tensors.check(tensor.name, shape: tensor.shape) }
        self.init(configuration, Parameters(file: tensors, width: shape.width))
        guard population.deviation.allSatisfy({ $0 > 0 && $0.isFinite }) else {
            throw .incompatible(reason: "its tensor \"pool.deviation\" has a value that is not above 0")
        }
    }

    private init(_ configuration: ModelConfiguration, _ parameters: Parameters) {
        let shape = configuration.encoder
        let blockNames = shape.blocks.dilations.enumerated().map { ("blocks.\($0)", $1) }
        let isDepthwise = shape.blocks.kind == .depthwise
        self.configuration = configuration
        mean = parameters["input.mean"]
        scale = parameters["input.scale"]
        front = shape.front.enumerated().map { index, layer in
            parameters.convolution(
                "front.\(index)",
                inputs: index == 0 ? shape.inputCount : shape.width,
                kernel: layer.kernel,
                stride: layer.stride
            )
        }
        convolutionBlocks =
            isDepthwise ? [] : blockNames.map { parameters.convolutionBlock($0, shape, dilation: $1) }
        depthwiseBlocks =
            isDepthwise ? blockNames.map { parameters.depthwiseBlock($0, shape, dilation: $1) } : []
        recurrences = shape.isRecurrent ? [RecurrentBlock(gru: parameters.gru("gru"))] : []
        norm = parameters.layerNorm("norm")
        speech = ScalarHead(weight: parameters["speech.weight"], bias: parameters["speech.bias"][0])
        pooling = parameters.pooling(shape)
        prediction =
            shape.taps.contains(.prediction) ? [parameters.linear("prediction", inputs: shape.width)] : []
        population =
            shape.pooling == .statistics
            ? VoiceStatistics(mean: parameters["pool.mean"], deviation: parameters["pool.deviation"])
            : VoiceStatistics(mean: [], deviation: [])
        let pooledCount = shape.pooledCount
        hidden = shape.hiddenCount > 0 ? [parameters.linear("hidden", inputs: pooledCount)] : []
        classes = parameters.linear(
            "classes",
            inputs: shape.hiddenCount > 0 ? shape.hiddenCount : pooledCount
        )
        attributes =
            configuration.attributes.isEmpty ? [] : [parameters.linear("attributes", inputs: pooledCount)]
        vocal =
            configuration.vocal.map {
                [
                    VocalHead(
                        hidden: parameters.linear("vocal.hidden", inputs: pooledCount),
                        classes: parameters.linear("vocal.classes", inputs: $0.hiddenCount)
                    )
                ]
            } ?? []
    }
}

/// Builds layers from the tensors of a model, all of which have been checked.
///
/// Decodes each tensor when its layer is built, so that loading never keeps all of them in memory three times.
private struct Parameters {
    let file: TensorFile
    let width: Int

    subscript(name: String) -> [Float] {
        guard let shape = file.shape(of: name), let values = try? file.floats(of: name, shape: shape) else {
            preconditionFailure("\(name) was not among the tensors that were checked")
        }
        return values
    }

    func linear(_ name: String, inputs: Int) -> Linear {
        let bias = self[name + ".bias"]
        return Linear(weight: self[name + ".weight"], bias: bias, inputCount: inputs, outputCount: bias.count)
    }

    func layerNorm(_ name: String) -> LayerNorm {
        LayerNorm(weight: self[name + ".weight"], bias: self[name + ".bias"])
    }

    func convolution(_ name: String, inputs: Int, kernel: Int, stride: Int = 1, dilation: Int = 1)
        -> CausalConv1d
    {
        CausalConv1d(
            weight: self[name + ".weight"],
            bias: self[name + ".bias"],
            inputCount: inputs,
            outputCount: width,
            kernelSize: kernel,
            stride: stride,
            dilation: dilation
        )
    }

    func gru(_ name: String) -> GRU {
        GRU(
            weightInput: self[name + ".weight_ih_l0"],
            weightHidden: self[name + ".weight_hh_l0"],
            biasInput: self[name + ".bias_ih_l0"],
            biasHidden: self[name + ".bias_hh_l0"],
            inputCount: width,
            hiddenCount: width
        )
    }

    func pooling(_ shape: EncoderArchitecture) -> Pooling {
        func score(_ name: String) -> (weight: [Float], bias: Float) {
            (self[name + ".weight"], self[name + ".bias"][0])
        }
        switch shape.pooling {
        case .attention:
            let score = score("attention")
            return .attention(weight: score.weight, bias: score.bias, forgetting: shape.forgetting)
        case .mean: return .mean(channelCount: shape.width, forgetting: shape.forgetting)
        case .gated:
            let score = score("gate")
            return .gated(weight: score.weight, bias: score.bias, forgetting: shape.forgetting)
        case .statistics:
            let score = score("attention")
            return .statistics(
                weight: score.weight,
                bias: score.bias,
                channelCount: shape.frameCount,
                forgetting: shape.forgetting
            )
        }
    }

    func convolutionBlock(_ name: String, _ shape: EncoderArchitecture, dilation: Int) -> ConvolutionBlock {
        ConvolutionBlock(
            norm: layerNorm(name + ".norm"),
            convolution: convolution(
                name + ".conv",
                inputs: width,
                kernel: shape.blocks.kernel,
                dilation: dilation
            ),
            activation: shape.activation,
            pointwise: linear(name + ".pointwise", inputs: width)
        )
    }

    func depthwiseBlock(_ name: String, _ shape: EncoderArchitecture, dilation: Int) -> DepthwiseBlock {
        DepthwiseBlock(
            depthwise: DepthwiseConv1d(
                weight: self[name + ".conv.weight"],
                bias: self[name + ".conv.bias"],
                channels: width,
                kernelSize: shape.blocks.kernel,
                dilation: dilation
            ),
            norm: layerNorm(name + ".norm"),
            expand: linear(name + ".expand", inputs: width),
            activation: shape.activation,
            contract: linear(name + ".contract", inputs: shape.blocks.expansion * width)
        )
    }
}
