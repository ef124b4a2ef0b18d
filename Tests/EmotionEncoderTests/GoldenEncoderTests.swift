// SPDX-License-Identifier: Apache-2.0
import EmotionEncoder
import Foundation
import ModelBundle
import NeuralLayers
import TestSupport
import Testing

/// Model folders written by PyTorch, with its results; `tools/golden/encoder.py` makes them.
struct GoldenEncoderTests {
    private static let names = [
        "convolution", "depthwise", "recurrent", "recurrent-mean", "gated", "attributes", "statistics",
        "statistics-prediction",
    ]

    private struct Golden {
        let encoder: EmotionEncoder
        let frames: [Float]
        let expected: TensorFile

        init(_ name: String) throws {
            let folder = Fixtures.url("golden/encoder/\(name)")
            encoder = try EmotionEncoder(ModelFolder(path: folder.path))
            let file = folder.appending(path: "expected.safetensors")
            expected = try TensorFile(decoding: [UInt8](Data(contentsOf: file)), path: file.path)
            frames = try expected.floats(of: "frames", shape: #require(expected.shape(of: "frames")))
        }

        func callAsFunction(_ name: String) throws -> [Float] {
            try expected.floats(of: name, shape: #require(expected.shape(of: name)))
        }
    }

    @Test(arguments: names)
    func theWholeSequenceAgreesWithPyTorch(_ name: String) throws {
        let golden = try Golden(name)
        let whole = golden.encoder.forward(golden.frames)
        try #expect(whole.embeddings.count == golden("embeddings").count)
        try #expect(largestDifference(whole.embeddings, golden("embeddings")) < 1e-4)
        try #expect(largestDifference(whole.speechProbabilities, golden("speech")) < 1e-4)
        try #expect(largestDifference(whole.logits, golden("logits")) < 1e-4)
        try #expect(largestDifference(whole.classProbabilities, golden("probabilities")) < 1e-4)
        #expect(whole.attributes.count == ["attributes": 3, "statistics": 1][name, default: 0])
        if name.hasPrefix("statistics") {
            try #expect(largestDifference(whole.pooled, golden("pooled")) < 1e-4)
        }
        if !whole.attributes.isEmpty {
            try #expect(largestDifference(whole.attributes, golden("attributes")) < 1e-4)
        }
    }

    @Test(arguments: names)
    func stepsAgreeWithPyTorch(_ name: String) throws {
        let golden = try Golden(name)
        var state = golden.encoder.makeState()
        let steps = golden.encoder.run(golden.frames, &state)
        try #expect(steps.embeddings.count == golden("embeddings").count)
        try #expect(largestDifference(steps.embeddings, golden("embeddings")) < 1e-4)
        try #expect(largestDifference(steps.speechProbabilities, golden("speech")) < 1e-4)
        if name.hasPrefix("statistics") {
            var pooled = [Float](repeating: 0, count: golden.encoder.pooledCount)
            golden.encoder.copyPooled(&state, into: &pooled)
            try #expect(largestDifference(pooled, golden("pooled")) < 1e-4)
        }
        let probabilities = golden.encoder.probabilities(&state)
        try #expect(largestDifference(probabilities, golden("probabilities")) < 1e-4)
        guard golden.encoder.attributeCount > 0 else { return }
        let attributes = golden.encoder.attributes(&state)
        try #expect(largestDifference(attributes.values, golden("attributes")) < 1e-4)
        #expect(attributes.isClipped == attributes.values.contains { abs($0) == 1 })
    }

    @Test(arguments: names)
    func anEmbeddingDependsOnWhatTheGeometrySays(_ name: String) throws {
        let golden = try Golden(name)
        let geometry = golden.encoder.geometry
        let width = golden.encoder.width
        let before = golden.encoder.forward(golden.frames).embeddings
        let output = before.count / width - 1
        let dependence = (0..<golden.frames.count / golden.encoder.inputCount).filter { frame in
            var frames = golden.frames
            frames[frame * golden.encoder.inputCount] += 1
            let after = golden.encoder.forward(frames).embeddings
            return after[(output * width)...] != before[(output * width)...]
        }
        let aligned = output * geometry.stride
        #expect(dependence.first == geometry.leftContext.map { aligned - $0 } ?? 0)
        #expect(dependence.last == aligned + geometry.rightContext)
    }
}
