// SPDX-License-Identifier: Apache-2.0
import NeuralLayers
import TestSupport

extension StreamingLayer {
    /// Outputs of `step` for the frames of a row-major sequence, concatenated.
    func steps(over sequence: [Float]) -> [Float] {
        var state = makeState()
        return steps(over: sequence, &state)
    }

    func steps(over sequence: [Float], _ state: inout State) -> [Float] {
        var frame = [Float](repeating: 0, count: outputCount)
        var outputs: [Float] = []
        for start in stride(from: 0, to: sequence.count, by: inputCount) {
            if step(Array(sequence[start..<start + inputCount]), &state, into: &frame) { outputs += frame }
        }
        return outputs
    }
}

func largestDifference(_ a: [Float], _ b: [Float]) -> Float {
    zip(a, b).map { abs($0 - $1) }.max() ?? 0
}

/// Seeded random weights and signals.
struct RandomValues {
    private var random: SeededRandom

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    mutating func callAsFunction(_ count: Int, limit: Float = 1) -> [Float] {
        (0..<count).map { _ in .random(in: -limit...limit, using: &random) }
    }
}

/// Small layers of every kind, with random weights.
enum SmallLayers {
    static func convolution(
        inputs: Int = 3,
        outputs: Int = 5,
        kernel: Int,
        stride: Int = 1,
        dilation: Int = 1
    ) -> CausalConv1d {
        var values = RandomValues(seed: 11)
        return CausalConv1d(
            weight: values(outputs * inputs * kernel),
            bias: values(outputs),
            inputCount: inputs,
            outputCount: outputs,
            kernelSize: kernel,
            stride: stride,
            dilation: dilation
        )
    }

    static func depthwise(channels: Int = 4, kernel: Int, dilation: Int = 1) -> DepthwiseConv1d {
        var values = RandomValues(seed: 12)
        return DepthwiseConv1d(
            weight: values(channels * kernel),
            bias: values(channels),
            channels: channels,
            kernelSize: kernel,
            dilation: dilation
        )
    }

    static func gru(inputs: Int = 4, hidden: Int = 6) -> GRU {
        var values = RandomValues(seed: 13)
        return GRU(
            weightInput: values(3 * hidden * inputs),
            weightHidden: values(3 * hidden * hidden),
            biasInput: values(3 * hidden),
            biasHidden: values(3 * hidden),
            inputCount: inputs,
            hiddenCount: hidden
        )
    }

    static func linear(inputs: Int = 7, outputs: Int = 70) -> Linear {
        var values = RandomValues(seed: 14)
        return Linear(
            weight: values(inputs * outputs),
            bias: values(outputs),
            inputCount: inputs,
            outputCount: outputs
        )
    }

    static func layerNorm(channels: Int = 19) -> LayerNorm {
        var values = RandomValues(seed: 15)
        return LayerNorm(weight: values(channels), bias: values(channels))
    }

    static let all: [any StreamingLayer] = [
        convolution(kernel: 1), convolution(kernel: 5, stride: 2), convolution(kernel: 3, dilation: 4),
        convolution(kernel: 4, stride: 4), convolution(inputs: 1, outputs: 1, kernel: 2),
        depthwise(kernel: 1), depthwise(kernel: 7), depthwise(kernel: 3, dilation: 5),
        gru(), linear(), layerNorm(),
    ]
}
