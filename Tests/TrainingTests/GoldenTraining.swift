// SPDX-License-Identifier: Apache-2.0
import Foundation
import ModelBundle
import TestSupport
import Testing
import Training

/// PyTorch's answers, made by `tools/golden/training.py` and `tools/golden/lab_layers.py`.
enum GoldenTraining {
    struct Cases: Decodable {
        let layers: [LayerCase]
        let networks: [NetworkCase]
    }

    /// The layers of the product and those of the lab's papers.
    static func layers() throws -> [LayerCase] {
        let url = Fixtures.url("golden/training/lab-layers.json")
        return try cases().layers + JSONDecoder().decode([LayerCase].self, from: Data(contentsOf: url))
    }

    static func cases() throws -> Cases {
        try JSONDecoder().decode(
            Cases.self,
            from: Data(contentsOf: Fixtures.url("golden/training/cases.json"))
        )
    }

    static func tensors(_ name: String) throws -> GoldenTensors {
        let url = Fixtures.url("golden/training/\(name).safetensors")
        return try GoldenTensors(
            file: TensorFile(decoding: [UInt8](Data(contentsOf: url)), path: url.path)
        )
    }
}

struct GoldenTensors {
    let file: TensorFile

    func callAsFunction(_ name: String) throws -> [Float] {
        try file.floats(of: name, shape: shape(name))
    }

    func shape(_ name: String) throws -> [Int] { try #require(file.shape(of: name), "\(name)") }
}

/// How one layer was built, and the same layer of ours.
struct LayerCase: Decodable, Sendable, CustomStringConvertible {
    let name: String
    let layer: String
    let inputs: Int
    let outputs: Int
    let kernel: Int
    let stride: Int
    let dilation: Int
    let pooling: NetworkShape.Pooling?
    /// Columns of an image.
    let width: Int?
    let heads: Int?
    var description: String { name }

    static let withWeightsOrNot: [LayerCase] =
        ((try? GoldenTraining.layers()) ?? []).filter { $0.layer != "pooling" }
    static let poolings: [LayerCase] =
        ((try? GoldenTraining.layers()) ?? []).filter { $0.layer == "pooling" }
    static let named = Dictionary(uniqueKeysWithValues: withWeightsOrNot.map { ($0.name, $0) })

    /// Its parameters are called `layer.weight` and so on; PyTorch's names after the dot.
    func make<Scalar: TrainingScalar>(_ parameters: Parameters<Scalar>) throws -> any SequenceLayer<Scalar> {
        var random = TrainingRandom(seed: 3)
        switch layer {
        case "convolution":
            return CausalConv1d(
                parameters,
                "layer",
                inputs: inputs,
                outputs: outputs,
                taps: kernel,
                stride: stride,
                dilation: dilation,
                random: &random
            )
        case "depthwise":
            return DepthwiseConv1d(
                parameters,
                "layer",
                channels: inputs,
                taps: kernel,
                dilation: dilation,
                random: &random
            )
        case "linear":
            return Linear(parameters, "layer", inputs: inputs, outputs: outputs, random: &random)
        case "layer_norm": return LayerNorm(parameters, "layer", channels: inputs)
        case "gru":
            return GRU(
                parameters,
                "layer",
                layer: 0,
                inputs: inputs,
                hidden: outputs,
                random: &random
            )
        case "lstm":
            return LSTM(
                parameters,
                "layer",
                layer: 0,
                inputs: inputs,
                hidden: outputs,
                random: &random
            )
        case "rnn":
            return RNN(parameters, "layer", inputs: inputs, hidden: outputs, random: &random)
        case "bidirectional_gru":
            return Bidirectional(
                gru: parameters,
                "layer",
                inputs: inputs,
                width: outputs,
                random: &random
            )
        case "convolution_2d":
            let columns = width ?? 1
            return Conv2d(
                parameters,
                "layer",
                width: columns,
                inputs: inputs / columns,
                outputs: outputs,
                kernel: kernel,
                stride: stride,
                random: &random
            )
        case "batch_norm": return BatchNorm(parameters, "layer", channels: outputs)
        case "attention":
            return SelfAttention(
                parameters,
                "layer",
                inputs: inputs,
                heads: heads ?? 1,
                headSize: outputs / (heads ?? 1),
                random: &random
            )
        case "recurrent_attention":
            return RecurrentAttention(parameters, "layer", channels: inputs, random: &random)
        case "relu": return ActivationLayer(.relu)
        case "gelu": return ActivationLayer(.gelu)
        default: throw UnknownLayer(name: layer)
        }
    }

    struct UnknownLayer: Error { let name: String }
}

/// The largest difference, in units of the largest expected number (at least 1).
func largestDifference<Scalar: BinaryFloatingPoint>(_ ours: [Scalar], _ theirs: [Float]) -> Double {
    guard ours.count == theirs.count else { return .infinity }
    let scale = max(1, theirs.map { abs(Double($0)) }.max() ?? 1)
    return zip(ours, theirs).reduce(0) { max($0, abs(Double($1.0) - Double($1.1))) } / scale
}
