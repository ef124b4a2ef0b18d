// SPDX-License-Identifier: Apache-2.0
import NeuralLayers
import TestSupport
import Testing

/// A stack of layers, to measure the composed geometry.
private struct Stack {
    let layers: [any StreamingLayer]

    func forward(_ sequence: [Float]) -> [Float] { layers.reduce(sequence) { $1.forward($0) } }

    var geometry: StreamGeometry { layers.reduce(.pointwise) { $0.followed(by: $1.geometry) } }

    /// The outputs that change when input frame `index` does.
    func outputs(dependingOn index: Int, of frameCount: Int) -> [Int] {
        let inputs = layers[0].inputCount
        let channels = layers[layers.count - 1].outputCount
        var values = RandomValues(seed: 5)
        var sequence = values(frameCount * inputs)
        let before = forward(sequence)
        // One channel, because a layer norm ignores a change that all channels share.
        sequence[index * inputs] += 1
        let after = forward(sequence)
        return (0..<before.count / channels).filter { t in
            before[t * channels..<(t + 1) * channels] != after[t * channels..<(t + 1) * channels]
        }
    }
}

struct StreamGeometryTests {
    private static let stacks: [Stack] = [
        Stack(layers: [SmallLayers.convolution(kernel: 1)]),
        Stack(layers: [SmallLayers.convolution(kernel: 5, stride: 2)]),
        Stack(layers: [SmallLayers.convolution(kernel: 3, dilation: 4)]),
        Stack(layers: [SmallLayers.depthwise(kernel: 7, dilation: 2)]),
        Stack(layers: [SmallLayers.linear()]),
        Stack(layers: [SmallLayers.layerNorm()]),
        Stack(layers: [
            SmallLayers.convolution(kernel: 5, stride: 2),
            SmallLayers.convolution(inputs: 5, outputs: 4, kernel: 3, stride: 2),
            SmallLayers.depthwise(channels: 4, kernel: 3, dilation: 3),
            SmallLayers.convolution(inputs: 4, outputs: 4, kernel: 2, dilation: 5),
        ]),
    ]

    @Test(arguments: stacks.indices)
    func contextMatchesAnImpulseResponse(_ index: Int) throws {
        let stack = Self.stacks[index]
        let geometry = stack.geometry
        let left = try #require(geometry.leftContext)
        let frameCount = 2 * left + 4 * geometry.stride + 8
        var firstInput: [Int: Int] = [:]
        var lastInput: [Int: Int] = [:]
        for input in 0..<frameCount {
            for output in stack.outputs(dependingOn: input, of: frameCount) {
                firstInput[output] = firstInput[output] ?? input
                lastInput[output] = input
            }
        }
        for output in (left + geometry.stride - 1) / geometry.stride..<frameCount / geometry.stride {
            let aligned = output * geometry.stride
            #expect(firstInput[output] == aligned - left)
            #expect(lastInput[output] == aligned + geometry.rightContext)
        }
    }

    @Test(arguments: stacks.indices)
    func latencyIsTheLongestWaitOfAnImpulse(_ index: Int) throws {
        let stack = Self.stacks[index]
        let stride = stack.geometry.stride
        let waits = try (0..<3 * stride).map { input in
            let first = try #require(stack.outputs(dependingOn: input, of: 200).first)
            return first * stride + stack.geometry.rightContext - input
        }
        #expect(waits.max() == stack.geometry.latencyFrames)
    }

    @Test func aRecurrenceDependsOnAllOfThePast() {
        let stack = Stack(layers: [SmallLayers.gru()])
        #expect(stack.geometry.leftContext == nil)
        #expect(stack.outputs(dependingOn: 0, of: 12) == Array(0..<12))
        let after = StreamGeometry(leftContext: 4, stride: 2).followed(by: stack.geometry)
        #expect(after == StreamGeometry(leftContext: nil, stride: 2))
        #expect(after.receptiveFieldSamples(hop: 160, window: 400) == nil)
    }

    @Test func lookaheadComposesInInputFrames() {
        let first = StreamGeometry(leftContext: 1, rightContext: 2, stride: 2)
        let second = StreamGeometry(leftContext: 3, rightContext: 1, stride: 3)
        let both = first.followed(by: second)
        #expect(both == StreamGeometry(leftContext: 7, rightContext: 4, stride: 6))
        #expect(both.latencyFrames == 9)
        #expect(both.latencySamples(hop: 160, window: 400) == 400 + 9 * 160)
        #expect(both.receptiveFieldSamples(hop: 160, window: 400) == 400 + 11 * 160)
    }

    @Test func parallelPathsTakeTheWiderContext() {
        let left = StreamGeometry(leftContext: 5, rightContext: 0)
        let right = StreamGeometry(leftContext: 2, rightContext: 3)
        #expect(left.beside(right) == StreamGeometry(leftContext: 5, rightContext: 3))
        #expect(left.beside(.init(leftContext: nil)) == StreamGeometry(leftContext: nil))
    }
}
