// SPDX-License-Identifier: Apache-2.0
import MatrixProducts
import Testing
import Training

/// Every gradient of the composed network, by central differences in Double.
@Suite struct GradientTests {
    static let shape = NetworkShape(
        inputs: 5,
        width: 8,
        front: [(5, 2), (3, 2)],
        kernel: 3,
        dilations: [1, 2],
        classes: 3,
        dropout: 0,
        pooledHeads: [.init(name: "one", outputs: 1), .init(name: "four", outputs: 4)],
        frameHeads: [.init(name: "future", outputs: 5)]
    )

    /// Every tap pooled by mean and deviation, with a loss on the prediction as well.
    static let tapped: NetworkShape = {
        var shape = Self.shape
        (shape.pooling, shape.recurrentLayers) = (.statistics, 1)
        shape.frameHeads.append(.init(name: NetworkShape.predictionHead, outputs: 4))
        shape.taps = [.blocks, .embedding, .prediction]
        return shape
    }()

    private struct Example {
        let network: EmotionNetwork<Double>
        let batch: TrainingBatch<Double>
        let views: [[Double]]
        let gate: [Double]
        let targets: [Double]
        let speech: [Double]

        init(_ shape: NetworkShape, clips: Int, frames: Int) throws {
            try OpenBLAS.load()
            var random = TrainingRandom(seed: 1)
            network = EmotionNetwork(shape, random: &random)
            let count = network.embeddingCount(frames: frames)
            var mask = [Double](repeating: 1, count: clips * count)
            // The last clip is shorter than the others.
            for index in (clips - 1) * count + count * 2 / 3..<clips * count { mask[index] = 0 }
            batch = TrainingBatch(
                count: clips,
                frames: frames,
                features: (0..<clips * frames * shape.inputs).map { _ in random.unit() * 2 - 1 },
                mask: mask
            )
            views = [mask, mask.enumerated().map { $0.offset % count < count / 2 ? $0.element : 0 }]
            gate = mask.map { _ in random.unit() }
            speech = mask.map { _ in random.unit() > 0.5 ? 1 : 0 }
            targets = (0..<2 * clips).flatMap { clip in
                (0..<shape.classes).map { $0 == clip % shape.classes ? 0.8 : 0.1 }
            }
        }

        func loss(backward: Bool = false) -> Double {
            let output = network.forward(batch, views: views, gate: gate)
            var dClasses = output.classLogits
            var dSpeech = [Double](repeating: 0, count: output.speechLogits.count)
            var loss = Losses.crossEntropy(
                logits: output.classLogits,
                targets: targets,
                classWeights: [1, 2, 0.5],
                gradient: &dClasses
            )
            loss += Losses.binaryCrossEntropy(
                logits: output.speechLogits,
                targets: speech,
                mask: batch.mask,
                gradient: &dSpeech
            )
            let (pooledLoss, dPooled) = Self.distanceFromOne(output.pooledHeads)
            let (frameLoss, dFrames) = Self.distanceFromOne(output.frameHeads)
            if backward {
                network.parameters.clearGradients()
                network.backward(
                    classGradients: dClasses,
                    speechGradients: dSpeech,
                    pooledHeadGradients: dPooled,
                    frameHeadGradients: dFrames
                )
            }
            return loss + pooledLoss + frameLoss
        }

        /// Half the squared distance of every number from 1, whose gradient is the distance.
        private static func distanceFromOne(_ heads: [[Double]]) -> (loss: Double, gradients: [[Double]]) {
            let gradients = heads.map { $0.map { $0 - 1 } }
            return (gradients.joined().reduce(0) { $0 + $1 * $1 / 2 }, gradients)
        }
    }

    @Test(arguments: [shape, tapped])
    func everyGradientOfTheNetworkAgreesWithFiniteDifferences(_ shape: NetworkShape) throws {
        let example = try Example(shape, clips: 3, frames: 31)
        _ = example.loss(backward: true)
        let parameters = example.network.parameters
        let gradients = parameters.allGradients
        let weights = parameters.all
        for entry in parameters.entries where !entry.name.hasPrefix("pool.") {
            var worst = 0.0
            for index in entry.offset..<entry.offset + entry.count {
                var moved = weights
                moved[index] = weights[index] + 1e-5
                parameters.all = moved
                let above = example.loss()
                moved[index] = weights[index] - 1e-5
                parameters.all = moved
                let slope = (above - example.loss()) / 2e-5
                worst = max(
                    worst,
                    abs(slope - gradients[index]) / (abs(slope) + abs(gradients[index]) + 1e-6)
                )
            }
            parameters.all = weights
            #expect(worst < 1e-5, "\(entry.name)")
        }
    }

    @Test(arguments: [shape, tapped])
    func sharesOfABatchMakeItsOutputsAndGradients(_ shape: NetworkShape) throws {
        var shape = shape
        (shape.dropout, shape.pooledDropout) = (0.3, 0.3)
        if shape.pooling == .attention { shape.pooling = .gated }
        let example = try Example(shape, clips: 5, frames: 31)
        func run(_ share: BatchShare) -> (output: EmotionNetwork<Double>.Output, gradients: [Double]) {
            var random = TrainingRandom(seed: 9)
            let network = example.network
            let output = network.forward(
                example.batch.part(share),
                views: example.views.map { share.part(of: $0) },
                random: &random,
                share: share,
                gate: share.part(of: example.gate)
            )
            network.parameters.clearGradients()
            network.backward(
                classGradients: output.classLogits,
                speechGradients: output.speechLogits,
                pooledHeadGradients: output.pooledHeads,
                frameHeadGradients: output.frameHeads
            )
            return (output, network.parameters.allGradients)
        }
        let whole = run(BatchShare(rows: 0..<5, of: 5))
        var gradients = whole.gradients.map { _ in 0.0 }
        for rows in [0..<2, 2..<5] {
            let share = BatchShare(rows: rows, of: 5)
            let part = run(share)
            gradients = zip(gradients, part.gradients).map(+)
            let logits = share.part(of: whole.output.classLogits, segments: 2)
            for (x, y) in zip(part.output.classLogits, logits) { #expect(abs(x - y) < 1e-12) }
            let frames = share.part(of: whole.output.frameHeads[0])
            for (x, y) in zip(part.output.frameHeads[0], frames) { #expect(abs(x - y) < 1e-12) }
        }
        for (x, y) in zip(gradients, whole.gradients) { #expect(abs(x - y) < 1e-10 * (1 + abs(y))) }
    }

    @Test func aShareIsPutBackWhereItWas() {
        let whole = (0..<24).map(Double.init)
        let shares = [0..<1, 1..<4].map { BatchShare(rows: $0, of: 4) }
        for segments in [1, 2, 3] {
            let placed = shares.map {
                $0.whole(from: $0.part(of: whole, segments: segments), segments: segments)
            }
            #expect(zip(placed[0], placed[1]).map(+) == whole)
        }
    }

    @Test func paddingOfShorterClipsChangesNothing() throws {
        try OpenBLAS.load()
        var random = TrainingRandom(seed: 4)
        let network = EmotionNetwork<Double>(Self.shape, random: &random)
        let features = (0..<20 * 5).map { _ in random.unit() }
        let alone = TrainingBatch(count: 1, frames: 20, features: features, mask: [1, 1, 1, 1, 1])
        let padded = TrainingBatch(
            count: 1,
            frames: 32,
            features: features + [Double](repeating: 0, count: 60),
            mask: [1, 1, 1, 1, 1, 0, 0, 0]
        )
        let a = network.forward(alone, views: [alone.mask])
        let b = network.forward(padded, views: [padded.mask])
        for (x, y) in zip(a.classLogits, b.classLogits) { #expect(abs(x - y) < 1e-12) }
        for (x, y) in zip(a.speechLogits, b.speechLogits) { #expect(abs(x - y) < 1e-12) }
    }

    @Test(arguments: [shape, tapped])
    func aFewStepsLearnAFewClips(_ shape: NetworkShape) throws {
        let example = try Example(shape, clips: 3, frames: 31)
        let before = example.loss()
        let optimiser = AdamW(example.network.parameters)
        let schedule = Schedule(peak: 1e-2, warmUpSteps: 5, totalSteps: 100)
        for step in 0..<100 {
            _ = example.loss(backward: true)
            _ = optimiser.step(learningRate: schedule.learningRate(at: step))
        }
        #expect(example.loss() < before / 2)
    }
}
