// SPDX-License-Identifier: Apache-2.0
import NeuralLayers

extension EncoderArchitecture {
    /// A parameter of the network: PyTorch's name and shape.
    public struct TensorShape: Hashable, Sendable {
        /// For example `blocks.0.conv.weight`.
        public let name: String
        /// Sizes, outermost first.
        public let shape: [Int]
    }

    /// All tensors of a model file with `labelCount` classes, `attributeCount` attributes and a vocal head, in the order
    /// of the diagram.
    public func tensorShapes(labelCount: Int, attributeCount: Int = 0, vocal: VocalConfiguration? = nil)
        -> [TensorShape]
    {
        func pair(_ name: String, _ shape: [Int]) -> [TensorShape] {
            [.init(name: name + ".weight", shape: shape), .init(name: name + ".bias", shape: [shape[0]])]
        }
        var tensors = [
            TensorShape(name: "input.mean", shape: [inputCount]),
            .init(name: "input.scale", shape: [inputCount]),
        ]
        for (index, layer) in front.enumerated() {
            tensors += pair("front.\(index)", [width, index == 0 ? inputCount : width, layer.kernel])
        }
        for index in blocks.dilations.indices {
            let name = "blocks.\(index)."
            tensors += pair(name + "norm", [width])
            switch blocks.kind {
            case .convolution:
                tensors += pair(name + "conv", [width, width, blocks.kernel])
                tensors += pair(name + "pointwise", [width, width])
            case .depthwise:
                tensors += pair(name + "conv", [width, 1, blocks.kernel])
                tensors += pair(name + "expand", [blocks.expansion * width, width])
                tensors += pair(name + "contract", [width, blocks.expansion * width])
            }
        }
        if isRecurrent {
            tensors += ["ih", "hh"].map { .init(name: "gru.weight_\($0)_l0", shape: [3 * width, width]) }
            tensors += ["ih", "hh"].map { .init(name: "gru.bias_\($0)_l0", shape: [3 * width]) }
        }
        tensors += pair("norm", [width]) + pair("speech", [1, width])
        switch pooling {
        case .attention, .statistics: tensors += pair("attention", [1, width])
        case .mean: break
        case .gated: tensors += pair("gate", [1, width])
        }
        if predictionCount > 0 { tensors += pair("prediction", [predictionCount, width]) }
        guard labelCount > 0 else { return tensors }
        if pooling == .statistics {
            tensors += ["mean", "deviation"].map { .init(name: "pool.\($0)", shape: [pooledCount]) }
        }
        if hiddenCount > 0 { tensors += pair("hidden", [hiddenCount, pooledCount]) }
        tensors += pair("classes", [labelCount, hiddenCount > 0 ? hiddenCount : pooledCount])
        if attributeCount > 0 { tensors += pair("attributes", [attributeCount, pooledCount]) }
        guard let vocal else { return tensors }
        return tensors + pair("vocal.hidden", [vocal.hiddenCount, pooledCount])
            + pair("vocal.classes", [1 + vocal.kinds.count, vocal.hiddenCount])
    }

    /// Number of parameters of a model with these classes and attributes, including the input normalisation.
    public func parameterCount(labelCount: Int, attributeCount: Int = 0, vocal: VocalConfiguration? = nil)
        -> Int
    {
        tensorShapes(labelCount: labelCount, attributeCount: attributeCount, vocal: vocal)
            .reduce(0) { $0 + $1.shape.reduce(1, *) }
    }
}
