// SPDX-License-Identifier: Apache-2.0
import EmotionEncoder
import MatrixProducts
import ModelBundle
import NeuralLayers
import Testing
import Training

/// The network in training and the daemon's, on the same weights.
@Suite struct EncoderTests {
    private static let architectures: [EncoderArchitecture] = [
        architecture(.attention, [.embedding]), architecture(.statistics, [.embedding]),
        architecture(.statistics, [.blocks, .embedding, .prediction]),
        architecture(.statistics, [.prediction, .blocks]),
    ]

    private static func architecture(_ pooling: Pooling.Kind, _ taps: [EncoderArchitecture.Tap])
        -> EncoderArchitecture
    {
        EncoderArchitecture(
            inputCount: 6,
            width: 12,
            front: [.init(kernel: 5, stride: 2), .init(kernel: 3, stride: 2)],
            blocks: .init(kind: .convolution, kernel: 3, dilations: [1, 2]),
            isRecurrent: true,
            pooling: pooling,
            hiddenCount: 9,
            taps: taps,
            predictionCount: taps.contains(.prediction) ? 7 : 0
        )
    }

    private func shape(_ architecture: EncoderArchitecture) -> NetworkShape {
        let predictions = architecture.predictionCount
        return NetworkShape(
            inputs: architecture.inputCount,
            width: architecture.width,
            front: architecture.front.map { ($0.kernel, $0.stride) },
            kernel: architecture.blocks.kernel,
            dilations: architecture.blocks.dilations,
            recurrentLayers: 1,
            pooling: architecture.pooling == .statistics ? .statistics : .attention,
            hiddenCount: architecture.hiddenCount,
            classes: 3,
            dropout: 0,
            frameHeads: predictions > 0
                ? [.init(name: NetworkShape.predictionHead, outputs: predictions)] : [],
            taps: architecture.taps.compactMap { NetworkShape.Tap(rawValue: $0.rawValue) }
        )
    }

    private func encoder(_ architecture: EncoderArchitecture, _ parameters: Parameters<Float>) throws
        -> EmotionEncoder
    {
        let tensors = architecture.tensorShapes(labelCount: 3).map { tensor in
            let input: Float = tensor.name == "input.scale" ? 1 : 0
            return NamedTensor(
                name: tensor.name,
                shape: tensor.shape,
                values: parameters[tensor.name] ?? Array(repeating: input, count: tensor.shape.reduce(1, *))
            )
        }
        return try EmotionEncoder(
            configuration: ModelConfiguration(id: "same", labels: ["a", "b", "c"], encoder: architecture),
            tensors: TensorFile(decoding: TensorFile.encode(tensors), path: "same")
        )
    }

    @Test(arguments: architectures)
    func aStreamGivesTheLogitsAndPooledVectorOfTraining(_ architecture: EncoderArchitecture) throws {
        try OpenBLAS.load()
        var random = TrainingRandom(seed: 7)
        let network = EmotionNetwork<Float>(shape(architecture), random: &random)
        if architecture.pooling == .statistics {
            let count = architecture.pooledCount
            network.parameters["pool.mean"] = (0..<count).map { _ in Float(random.unit() - 0.5) }
            network.parameters["pool.deviation"] = (0..<count).map { _ in Float(random.unit() + 0.5) }
        }
        let frames = (0..<53 * 6).map { _ in Float(random.unit() * 4 - 2) }
        let mask = [Float](repeating: 1, count: network.embeddingCount(frames: 53))
        let batch = TrainingBatch(count: 1, frames: 53, features: frames, mask: mask)
        let trained = network.forward(batch, views: [mask])

        let encoder = try encoder(architecture, network.parameters)
        let whole = encoder.forward(frames)
        #expect(largestDifference(whole.logits, trained.classLogits) < 1e-5)
        #expect(largestDifference(whole.pooled, trained.pooled) < 1e-5)
        var state = encoder.makeState()
        for t in 0..<53 { _ = encoder.step(frames.span.extracting(t * 6..<(t + 1) * 6), &state) }
        var pooled = [Float](repeating: 0, count: encoder.pooledCount)
        encoder.copyPooled(&state, into: &pooled)
        #expect(largestDifference(pooled, trained.pooled) < 1e-5)
    }
}
