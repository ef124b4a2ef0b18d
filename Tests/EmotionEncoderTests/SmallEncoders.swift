// SPDX-License-Identifier: Apache-2.0
import EmotionEncoder
import ModelBundle
import NeuralLayers
import StepKernels
import TestSupport

/// Networks of every kind, small and with random weights.
enum SmallEncoders {
    static let labels = ["neutral", "happy", "sad"]

    static let architectures: [EncoderArchitecture] = [
        .init(
            inputCount: 7,
            width: 20,
            front: [.init(kernel: 5, stride: 2), .init(kernel: 3, stride: 2)],
            blocks: .init(kind: .convolution, kernel: 3, dilations: [1, 2, 4])
        ),
        .init(
            inputCount: 5,
            width: 16,
            activation: .gelu,
            front: [.init(kernel: 5, stride: 2)],
            blocks: .init(kind: .depthwise, kernel: 7, dilations: [1, 2], expansion: 4),
            hiddenCount: 9
        ),
        .init(
            inputCount: 4,
            width: 12,
            front: [.init(kernel: 3, stride: 1)],
            blocks: .init(kind: .convolution, kernel: 2, dilations: [3]),
            isRecurrent: true,
            forgetting: 0.97
        ),
        .init(
            inputCount: 4,
            width: 10,
            front: [.init(kernel: 3, stride: 2)],
            blocks: .init(kind: .convolution, kernel: 1, dilations: []),
            isRecurrent: true,
            pooling: .mean
        ),
        .init(
            inputCount: 6,
            width: 12,
            front: [.init(kernel: 3, stride: 1)],
            blocks: .init(kind: .convolution, kernel: 3, dilations: [1]),
            pooling: .gated,
            forgetting: 0.99
        ),
        .init(
            inputCount: 5,
            width: 12,
            front: [.init(kernel: 3, stride: 2)],
            blocks: .init(kind: .convolution, kernel: 3, dilations: [1, 2]),
            isRecurrent: true,
            pooling: .statistics,
            hiddenCount: 7,
            taps: [.blocks, .embedding, .prediction],
            predictionCount: 9
        ),
        .init(
            inputCount: 5,
            width: 10,
            front: [.init(kernel: 3, stride: 1)],
            blocks: .init(kind: .depthwise, kernel: 3, dilations: [1], expansion: 2),
            pooling: .statistics,
            forgetting: 0.98
        ),
    ]

    static func configuration(_ architecture: EncoderArchitecture, attributes: [String] = [])
        -> ModelConfiguration
    {
        ModelConfiguration(
            id: "small",
            labels: labels,
            encoder: architecture,
            calibration: .init(temperature: 1.5),
            attributes: attributes
        )
    }

    static func tensors(_ architecture: EncoderArchitecture, seed: UInt64 = 1, attributeCount: Int = 0)
        -> [NamedTensor]
    {
        var random = SeededRandom(seed: seed)
        let shapes = architecture.tensorShapes(labelCount: labels.count, attributeCount: attributeCount)
        return shapes.map { tensor in
            let range: ClosedRange<Float> = tensor.name == "pool.deviation" ? 0.5...2 : -0.4...0.4
            let values = (0..<tensor.shape.reduce(1, *)).map { _ in Float.random(in: range, using: &random) }
            return NamedTensor(name: tensor.name, shape: tensor.shape, values: values)
        }
    }

    static func encoder(_ architecture: EncoderArchitecture, attributes: [String] = []) throws
        -> EmotionEncoder
    {
        let tensors = tensors(architecture, attributeCount: attributes.count)
        return try EmotionEncoder(
            configuration: configuration(architecture, attributes: attributes),
            tensors: TensorFile(decoding: TensorFile.encode(tensors), path: "small")
        )
    }

    static func frames(_ count: Int, of architecture: EncoderArchitecture, seed: UInt64 = 2) -> [Float] {
        var random = SeededRandom(seed: seed)
        return (0..<count * architecture.inputCount).map { _ in .random(in: -4...4, using: &random) }
    }
}
