// SPDX-License-Identifier: Apache-2.0
import MatrixProducts
import NeuralLayers
import Testing
import Training

/// Training's layers and the daemon's, on the same weights.
@Suite struct NeuralLayersTests {
    private struct Pair {
        let parameters = Parameters<Float>()
        let layer: any SequenceLayer<Float>
        private let golden: LayerCase

        init(_ name: String) throws {
            try OpenBLAS.load()
            golden = try #require(LayerCase.named[name])
            layer = try golden.make(parameters)
        }

        func weights(_ name: String) -> [Float] { parameters["layer." + name] ?? [] }

        /// The largest difference between one batch of two sequences here and two sequences there.
        func difference(from other: some StreamingLayer) -> Double {
            var random = TrainingRandom(seed: 6)
            let one = 23 * golden.inputs
            let x = (0..<2 * one).map { _ in Float(random.unit() * 2 - 1) }
            let buffer = SequenceBuffer<Float>()
            let y = layer.forward(buffer.load(x, batch: 2, frames: 23, channels: golden.inputs), nil)
            return largestDifference(
                y.values,
                other.forward(Array(x[..<one])) + other.forward(Array(x[one...]))
            )
        }
    }

    @Test func theLinearLayerIsTheDaemons() throws {
        let pair = try Pair("linear")
        let linear = Linear(
            weight: pair.weights("weight"),
            bias: pair.weights("bias"),
            inputCount: 7,
            outputCount: 11
        )
        #expect(pair.difference(from: linear) < 1e-6)
    }

    @Test(arguments: [
        "convolution-5", "convolution-5-stride-2", "convolution-4-stride-3", "convolution-3-dilated",
    ])
    func theConvolutionIsTheDaemons(_ name: String) throws {
        let pair = try Pair(name)
        let golden = try #require(LayerCase.named[name])
        let convolution = CausalConv1d(
            weight: pair.weights("weight"),
            bias: pair.weights("bias"),
            inputCount: golden.inputs,
            outputCount: golden.outputs,
            kernelSize: golden.kernel,
            stride: golden.stride,
            dilation: golden.dilation
        )
        #expect(pair.difference(from: convolution) < 1e-6)
    }

    @Test func theDepthwiseConvolutionIsTheDaemons() throws {
        let pair = try Pair("depthwise-3-dilated")
        let convolution = DepthwiseConv1d(
            weight: pair.weights("weight"),
            bias: pair.weights("bias"),
            channels: 5,
            kernelSize: 3,
            dilation: 4
        )
        #expect(pair.difference(from: convolution) < 1e-6)
    }

    @Test func theRecurrenceIsTheDaemons() throws {
        let pair = try Pair("gru")
        let gru = GRU(
            weightInput: pair.weights("weight_ih_l0"),
            weightHidden: pair.weights("weight_hh_l0"),
            biasInput: pair.weights("bias_ih_l0"),
            biasHidden: pair.weights("bias_hh_l0"),
            inputCount: 6,
            hiddenCount: 9
        )
        #expect(pair.difference(from: gru) < 1e-6)
    }

    @Test func theNormalisationIsTheDaemons() throws {
        let pair = try Pair("layer-norm")
        pair.parameters["layer.weight"] = (0..<13).map { 1 + Float($0) / 7 }
        pair.parameters["layer.bias"] = (0..<13).map { Float($0) / 5 - 1 }
        let norm = LayerNorm(weight: pair.weights("weight"), bias: pair.weights("bias"))
        #expect(pair.difference(from: norm) < 1e-6)
    }
}
