// SPDX-License-Identifier: Apache-2.0
import NeuralLayers
import TestSupport
import Testing

struct StreamingLayerTests {
    @Test(arguments: SmallLayers.all.indices, [0, 1, 2, 3, 4, 5, 8, 31, 100])
    func stepEqualsForwardForAnyLength(_ index: Int, frameCount: Int) {
        let layer = SmallLayers.all[index]
        var values = RandomValues(seed: UInt64(frameCount))
        let sequence = values(frameCount * layer.inputCount, limit: 3)
        let whole = layer.forward(sequence)
        let steps = layer.steps(over: sequence)
        let stride = layer.geometry.stride
        #expect(whole.count == (frameCount + stride - 1) / stride * layer.outputCount)
        #expect(steps.count == whole.count)
        #expect(largestDifference(steps, whole) < 1e-4)
    }

    @Test(arguments: SmallLayers.all.indices)
    func twoStreamsThroughOneLayerDoNotDisturbEachOther(_ index: Int) {
        func expectIndependence<Layer: StreamingLayer>(_ layer: Layer) {
            var values = RandomValues(seed: 3)
            let sequences = [values(20 * layer.inputCount), values(20 * layer.inputCount)]
            var states = [layer.makeState(), layer.makeState()]
            var frame = [Float](repeating: 0, count: layer.outputCount)
            var outputs: [[Float]] = [[], []]
            for start in stride(from: 0, to: sequences[0].count, by: layer.inputCount) {
                for stream in 0..<2 {
                    let input = Array(sequences[stream][start..<start + layer.inputCount])
                    if layer.step(input, &states[stream], into: &frame) { outputs[stream] += frame }
                }
            }
            #expect(outputs == sequences.map(layer.steps(over:)))
        }
        expectIndependence(SmallLayers.all[index])
    }

    @Test(arguments: SmallLayers.all.indices)
    func aResetStreamIsANewOne(_ index: Int) {
        func expectFreshness<Layer: StreamingLayer>(_ layer: Layer) {
            var values = RandomValues(seed: 4)
            var state = layer.makeState()
            let before = values(11 * layer.inputCount)
            let after = values(12 * layer.inputCount)
            _ = layer.steps(over: before, &state)
            layer.reset(&state)
            #expect(layer.steps(over: after, &state) == layer.steps(over: after))
        }
        expectFreshness(SmallLayers.all[index])
    }

    @Test(.enabled(if: canCountAllocations), arguments: SmallLayers.all.indices)
    func stepsDoNotAllocate(_ index: Int) {
        func expectNoAllocation<Layer: StreamingLayer>(_ layer: Layer) {
            var state = layer.makeState()
            let input = [Float](repeating: 0.5, count: layer.inputCount)
            var output = [Float](repeating: 0, count: layer.outputCount)
            let count = allocations {
                for _ in 0..<100 { layer.step(input, &state, into: &output) }
                layer.reset(&state)
            }
            #expect(count == 0)
        }
        expectNoAllocation(SmallLayers.all[index])
    }

    private static let poolings: [Pooling] = [
        .attention(weight: [0.5, -1], bias: 0, forgetting: 0.9), .mean(channelCount: 2),
        .gated(weight: [0.5, -1], bias: 0, forgetting: 0.9),
    ]

    @Test(.enabled(if: canCountAllocations), arguments: poolings.indices)
    func poolingDoesNotAllocate(_ index: Int) {
        let pooling = Self.poolings[index]
        var state = pooling.makeState()
        // Not a literal: those live in read-only memory, and the first write would allocate.
        var pooled = [Float](repeating: 0, count: 2)
        let frame: [Float] = [1, 2]
        let count = allocations {
            for _ in 0..<100 { pooling.step(frame, weight: 0.5, &state) }
            pooling.pooled(state, into: &pooled)
            state.reset()
        }
        #expect(count == 0)
    }

    @Test func aClosedGateMakesTheResultSmaller() {
        let pooling = Pooling.gated(weight: [0], bias: -100)
        var state = pooling.makeState()
        var pooled: [Float] = [1]
        pooling.step([3], weight: 1, &state)
        pooling.pooled(state, into: &pooled)
        #expect(pooled[0] < 1e-6)
    }

    @Test(arguments: [Pooling.attention(weight: [1, 0], bias: 0), .mean(channelCount: 2)])
    func framesWithoutWeightDoNotMoveThePool(_ pooling: Pooling) {
        var state = pooling.makeState()
        var pooled: [Float] = [7, 7]
        pooling.pooled(state, into: &pooled)
        #expect(pooled == [0, 0])
        pooling.step([3, -1], weight: 1, &state)
        pooling.step([100, 100], weight: 0, &state)
        pooling.pooled(state, into: &pooled)
        #expect(largestDifference(pooled, [3, -1]) < 1e-6)
    }

    @Test func anHourOfFramesKeepsTheMean() {
        let pooling = Pooling.attention(weight: [0], bias: -8)
        var state = pooling.makeState()
        var pooled: [Float] = [0]
        for t in 0..<180_000 { pooling.step([t.isMultiple(of: 2) ? 1 : 3], weight: 1, &state) }
        pooling.pooled(state, into: &pooled)
        #expect(abs(pooled[0] - 2) < 1e-2)
    }
}
