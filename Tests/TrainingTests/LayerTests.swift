// SPDX-License-Identifier: Apache-2.0
import MatrixProducts
import TestSupport
import Testing
import Training

/// Each layer by itself: against PyTorch, and by finite differences.
@Suite struct LayerTests {
    private func expectPyTorchsGradients<Scalar: TrainingScalar>(
        _ golden: LayerCase,
        in type: Scalar.Type,
        tolerance: Double
    ) throws {
        try OpenBLAS.load()
        let tensors = try GoldenTraining.tensors(golden.name)
        let parameters = Parameters<Scalar>()
        let layer = try golden.make(parameters)
        for entry in parameters.entries {
            parameters[entry.name] = try tensors("weights." + entry.name.dropFirst(6)).map { Scalar($0) }
        }
        let x = try sequences(tensors("input"), tensors.shape("input"), in: type)
        // Batch normalisation takes a source of dropout for the sign of training.
        var random = TrainingRandom(seed: 1)
        let y = withUnsafeMutablePointer(to: &random) { layer.forward(x.sequences, DropoutSource($0)) }
        try #expect(largestDifference(y.values, tensors("output")) < tolerance)
        let dy = try sequences(tensors("output.gradient"), tensors.shape("output"), in: type)
        let dx = layer.backward(dy.sequences)
        try #expect(largestDifference(dx.values, tensors("input.gradient")) < tolerance)
        let gradients = parameters.allGradients
        for entry in parameters.entries {
            let ours = Array(gradients[entry.offset..<entry.offset + entry.count])
            let theirs = try tensors("gradients." + entry.name.dropFirst(6))
            #expect(largestDifference(ours, theirs) < tolerance, "\(entry.name)")
        }
    }

    private func sequences<Scalar: TrainingScalar>(_ values: [Float], _ shape: [Int], in: Scalar.Type)
        -> (buffer: SequenceBuffer<Scalar>, sequences: Sequences<Scalar>)
    {
        let buffer = SequenceBuffer<Scalar>()
        return (
            buffer,
            buffer.load(values.map { Scalar($0) }, batch: shape[0], frames: shape[1], channels: shape[2])
        )
    }

    @Test func everyKindOfLayerHasGoldenFiles() {
        let kinds = Set(LayerCase.withWeightsOrNot.map(\.layer))
        let product: Set = ["convolution", "depthwise", "gelu", "gru", "layer_norm", "linear", "relu"]
        let papers: Set = [
            "attention", "batch_norm", "bidirectional_gru", "convolution_2d", "lstm", "recurrent_attention",
            "rnn",
        ]
        #expect(kinds == product.union(papers))
    }

    @Test(arguments: LayerCase.withWeightsOrNot)
    func aLayerGivesPyTorchsOutputAndGradients(_ golden: LayerCase) throws {
        try expectPyTorchsGradients(golden, in: Float.self, tolerance: 2e-6)
        try expectPyTorchsGradients(golden, in: Double.self, tolerance: 1e-6)
    }

    @Test func batchNormalizationOutsideOfTrainingUsesWhatItHasSeen() throws {
        let tensors = try GoldenTraining.tensors("batch-norm-running")
        let parameters = Parameters<Float>()
        let layer = try #require(LayerCase.named["batch-norm"]).make(parameters)
        let x = try sequences(tensors("input"), tensors.shape("input"), in: Float.self)
        var random = TrainingRandom(seed: 1)
        _ = withUnsafeMutablePointer(to: &random) { layer.forward(x.sequences, DropoutSource($0)) }
        for name in ["running_mean", "running_var"] {
            let ours = try #require(parameters["layer." + name])
            try #expect(largestDifference(ours, tensors(name)) < 2e-6, "\(name)")
        }
        try #expect(largestDifference(layer.forward(x.sequences, nil).values, tensors("output")) < 2e-6)
        let dy = try sequences(tensors("output.gradient"), tensors.shape("output"), in: Float.self)
        let dx = layer.backward(dy.sequences)
        try #expect(largestDifference(dx.values, tensors("input.gradient")) < 2e-6)
    }

    @Test(arguments: LayerCase.withWeightsOrNot)
    func everyGradientOfALayerAgreesWithFiniteDifferences(_ golden: LayerCase) throws {
        try OpenBLAS.load()
        let parameters = Parameters<Double>()
        let layer = try golden.make(parameters)
        let probe = GradientProbe(layer, parameters, batch: 2, frames: 13, channels: golden.inputs)
        #expect(probe.worstOfParameters() < 1e-6)
        #expect(probe.worstOfInput() < 1e-6)
    }

    @Test func everyKindOfPoolingHasItsCase() {
        #expect(LayerCase.poolings.map(\.pooling) == NetworkShape.Pooling.allCases)
    }

    @Test(arguments: LayerCase.poolings)
    func poolingGivesPyTorchsOutputAndGradients(_ golden: LayerCase) throws {
        let tensors = try GoldenTraining.tensors(golden.name)
        let shape = try tensors.shape("input")
        let (rows, width) = (shape[0] * shape[1], shape[2] - 1)
        let x = try tensors("input")
        let e = SequenceBuffer<Float>()
        let score = SequenceBuffer<Float>()
        let embeddings = e.load(
            (0..<rows).flatMap { x[$0 * (width + 1)..<$0 * (width + 1) + width] },
            batch: shape[0],
            frames: shape[1],
            channels: width
        )
        let scores = score.load(
            (0..<rows).map { x[$0 * (width + 1) + width] },
            batch: shape[0],
            frames: shape[1],
            channels: 1
        )
        let pool = try Pool<Float>(#require(golden.pooling))
        let pooled = try pool.forward(embeddings, scores: scores, outside: tensors("outside"))
        try #expect(largestDifference(pooled.values, tensors("output")) < 2e-6)

        let d = (SequenceBuffer<Float>(), SequenceBuffer<Float>(), SequenceBuffer<Float>())
        let outputs = pooled.channels
        let dPooled = try d.0.load(tensors("output.gradient"), batch: shape[0], frames: 1, channels: outputs)
        let zeros = [Float](repeating: 0, count: rows * width)
        let de = d.1.load(zeros, batch: shape[0], frames: shape[1], channels: width)
        let dScores = d.2.load(Array(zeros[..<rows]), batch: shape[0], frames: shape[1], channels: 1)
        pool.backward(dPooled, embeddings, scores: scores, de: de, dScores: dScores)
        let (ours, oursOfScores) = (de.values, dScores.values)
        let together = (0..<rows).flatMap {
            ours[$0 * width..<($0 + 1) * width] + [oursOfScores[$0]]
        }
        try #expect(largestDifference(together, tensors("input.gradient")) < 2e-6)
    }
}

/// Central differences of loss = sum(output r) with fixed random r.
private struct GradientProbe {
    private let layer: any SequenceLayer<Double>
    private let parameters: Parameters<Double>
    private let input: [Double]
    private let weights: [Double]
    private let shape: (batch: Int, frames: Int, channels: Int)
    private let outputShape: (batch: Int, frames: Int, channels: Int)
    private let buffer = SequenceBuffer<Double>()

    init(
        _ layer: any SequenceLayer<Double>,
        _ parameters: Parameters<Double>,
        batch: Int,
        frames: Int,
        channels: Int
    ) {
        var random = TrainingRandom(seed: 8)
        (self.layer, self.parameters, shape) = (layer, parameters, (batch, frames, channels))
        input = (0..<batch * frames * channels).map { _ in random.unit() * 4 - 2 }
        let y = layer.forward(
            buffer.load(input, batch: batch, frames: frames, channels: channels),
            nil
        )
        outputShape = (y.batch, y.frames, y.channels)
        weights = y.values.map { _ in random.unit() * 2 - 1 }
    }

    private func loss(_ input: [Double]) -> Double {
        let x = buffer.load(input, batch: shape.batch, frames: shape.frames, channels: shape.channels)
        var random = TrainingRandom(seed: 1)
        let y = withUnsafeMutablePointer(to: &random) { layer.forward(x, DropoutSource($0)) }
        return zip(y.values, weights).reduce(0) { $0 + $1.0 * $1.1 }
    }

    private func backward() -> [Double] {
        _ = loss(input)
        parameters.clearGradients()
        let dy = SequenceBuffer<Double>()
        return layer.backward(
            dy.load(
                weights,
                batch: outputShape.batch,
                frames: outputShape.frames,
                channels: outputShape.channels
            )
        ).values
    }

    func worstOfParameters() -> Double {
        _ = backward()
        let (gradients, start) = (parameters.allGradients, parameters.all)
        defer { parameters.all = start }
        return worstSlopeError(around: start, gradient: gradients) { moved in
            parameters.all = moved
            return loss(input)
        }
    }

    func worstOfInput() -> Double {
        worstSlopeError(around: input, gradient: backward(), loss: loss)
    }
}
