// SPDX-License-Identifier: Apache-2.0
import Foundation
import ModelBundle
import NeuralLayers
import StepKernels
import TestSupport
import Testing

/// One PyTorch result, made by `tools/golden/layers.py`: a row of `cases.json` and the file of that name.
struct GoldenCase: Decodable, Sendable, CustomStringConvertible {
    let name: String
    let layer: String
    private(set) var inputs: Int?
    private(set) var outputs: Int?
    private(set) var channels: Int?
    private(set) var hidden: Int?
    private(set) var kernel: Int?
    private(set) var stride: Int?
    private(set) var dilation: Int?
    private(set) var forgetting: Float?
    private(set) var kind: Pooling.Kind?
    private(set) var function: Activation?
    var description: String { name }

    static func all(of layer: String) -> [GoldenCase] {
        guard let data = try? Data(contentsOf: Fixtures.url("golden/layers/cases.json")),
            let cases = try? JSONDecoder().decode([GoldenCase].self, from: data)
        else { return [] }
        return cases.filter { $0.layer == layer }
    }

    func tensors() throws -> GoldenTensors {
        let path = Fixtures.url("golden/layers/\(name).safetensors").path
        return try GoldenTensors(
            file: TensorFile(decoding: [UInt8](Data(contentsOf: URL(filePath: path))), path: path)
        )
    }
}

struct GoldenTensors {
    let file: TensorFile

    func callAsFunction(_ name: String) throws -> [Float] {
        try file.floats(of: name, shape: #require(file.shape(of: name)))
    }
}

struct GoldenLayerTests {
    private func expectPyTorchsAnswer(_ layer: some StreamingLayer, _ tensors: GoldenTensors) throws {
        let expected = try tensors("output")
        let input = try tensors("input")
        let whole = layer.forward(input)
        let steps = layer.steps(over: input)
        #expect(whole.count == expected.count && steps.count == expected.count)
        #expect(largestDifference(whole, expected) < 1e-4)
        #expect(largestDifference(steps, expected) < 1e-4)
    }

    @Test func everyLayerHasGoldenFiles() {
        for layer in ["convolution", "depthwise", "gru", "linear", "layer_norm", "pooling", "activation"] {
            #expect(!GoldenCase.all(of: layer).isEmpty, "\(layer)")
        }
    }

    @Test(arguments: GoldenCase.all(of: "convolution"))
    func convolutionIsPyTorchs(_ golden: GoldenCase) throws {
        let tensors = try golden.tensors()
        let layer = try CausalConv1d(
            weight: tensors("weight"),
            bias: tensors("bias"),
            inputCount: #require(golden.inputs),
            outputCount: #require(golden.outputs),
            kernelSize: #require(golden.kernel),
            stride: #require(golden.stride),
            dilation: #require(golden.dilation)
        )
        try expectPyTorchsAnswer(layer, tensors)
    }

    @Test(arguments: GoldenCase.all(of: "depthwise"))
    func depthwiseConvolutionIsPyTorchs(_ golden: GoldenCase) throws {
        let tensors = try golden.tensors()
        let layer = try DepthwiseConv1d(
            weight: tensors("weight"),
            bias: tensors("bias"),
            channels: #require(golden.channels),
            kernelSize: #require(golden.kernel),
            dilation: #require(golden.dilation)
        )
        try expectPyTorchsAnswer(layer, tensors)
    }

    @Test(arguments: GoldenCase.all(of: "gru"))
    func gruIsPyTorchs(_ golden: GoldenCase) throws {
        let tensors = try golden.tensors()
        let layer = try GRU(
            weightInput: tensors("weight_ih_l0"),
            weightHidden: tensors("weight_hh_l0"),
            biasInput: tensors("bias_ih_l0"),
            biasHidden: tensors("bias_hh_l0"),
            inputCount: #require(golden.inputs),
            hiddenCount: #require(golden.hidden)
        )
        try expectPyTorchsAnswer(layer, tensors)
    }

    @Test(arguments: GoldenCase.all(of: "linear"))
    func linearIsPyTorchs(_ golden: GoldenCase) throws {
        let tensors = try golden.tensors()
        let layer = try Linear(
            weight: tensors("weight"),
            bias: tensors("bias"),
            inputCount: #require(golden.inputs),
            outputCount: #require(golden.outputs)
        )
        try expectPyTorchsAnswer(layer, tensors)
    }

    @Test(arguments: GoldenCase.all(of: "layer_norm"))
    func layerNormIsPyTorchs(_ golden: GoldenCase) throws {
        let tensors = try golden.tensors()
        try expectPyTorchsAnswer(LayerNorm(weight: tensors("weight"), bias: tensors("bias")), tensors)
    }

    @Test(arguments: GoldenCase.all(of: "activation"))
    func activationIsPyTorchs(_ golden: GoldenCase) throws {
        let tensors = try golden.tensors()
        var values = try tensors("input")
        try #require(golden.function).apply(&values)
        #expect(largestDifference(values, try tensors("output")) < 1e-6)
    }

    private func pooling(_ golden: GoldenCase, _ tensors: GoldenTensors) throws -> Pooling {
        let forgetting = try #require(golden.forgetting)
        func scored(
            _ make: (_ weight: [Float], _ bias: Float, _ forgetting: Float) -> Pooling,
            _ name: String
        ) throws -> Pooling {
            try make(tensors(name + ".weight"), tensors(name + ".bias")[0], forgetting)
        }
        return switch try #require(golden.kind) {
        case .attention: try scored(Pooling.attention, "attention")
        case .mean: try .mean(channelCount: #require(golden.channels), forgetting: forgetting)
        case .gated: try scored(Pooling.gated, "gate")
        case .statistics:
            try scored(
                { .statistics(weight: $0, bias: $1, channelCount: $0.count, forgetting: $2) },
                "attention"
            )
        }
    }

    @Test func everyKindOfPoolingHasGoldenFiles() {
        #expect(Set(GoldenCase.all(of: "pooling").map(\.kind)) == Set(Pooling.Kind.allCases))
    }

    @Test(arguments: GoldenCase.all(of: "pooling"))
    func poolingIsPyTorchsAfterEveryFrame(_ golden: GoldenCase) throws {
        let tensors = try golden.tensors()
        let channels = try #require(golden.channels)
        let pooling = try pooling(golden, tensors)
        let (input, weights, expected) = try (tensors("input"), tensors("weights"), tensors("output"))
        var state = pooling.makeState()
        let outputs = pooling.outputCount
        var pooled = [Float](repeating: 0, count: outputs)
        for t in weights.indices {
            pooling.step(Array(input[t * channels..<(t + 1) * channels]), weight: weights[t], &state)
            pooling.pooled(state, into: &pooled)
            let row = Array(expected[t * outputs..<(t + 1) * outputs])
            #expect(largestDifference(pooled, row) < 1e-4, "after frame \(t)")
        }
        #expect(largestDifference(pooling.forward(input, weights: weights), pooled) < 1e-4)
    }
}
