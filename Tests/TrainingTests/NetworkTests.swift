// SPDX-License-Identifier: Apache-2.0
import MatrixProducts
import TestSupport
import Testing
import Training

/// How one golden network was built, and its batch.
struct NetworkCase: Decodable, Sendable, CustomStringConvertible {
    struct Front: Decodable {
        let kernel: Int
        let stride: Int
    }
    let name: String
    let inputs: Int
    let width: Int
    let front: [Front]
    let kernel: Int
    let dilations: [Int]
    let blocks: NetworkShape.BlockKind
    let expansion: Int
    let activation: NetworkShape.Activation
    let recurrentLayers: Int
    let pooling: NetworkShape.Pooling
    let hiddenCount: Int
    let classes: Int
    let clips: Int
    let frames: Int
    let taps: [NetworkShape.Tap]?
    let predictionCount: Int?
    var description: String { name }

    static let all = (try? GoldenTraining.cases().networks) ?? []

    var shape: NetworkShape {
        NetworkShape(
            inputs: inputs,
            width: width,
            front: front.map { ($0.kernel, $0.stride) },
            kernel: kernel,
            dilations: dilations,
            blockKind: blocks,
            expansion: expansion,
            activation: activation,
            recurrentLayers: recurrentLayers,
            pooling: pooling,
            hiddenCount: hiddenCount,
            classes: classes,
            dropout: 0,
            frameHeads: predictionCount.map { [.init(name: NetworkShape.predictionHead, outputs: $0)] } ?? [],
            taps: taps ?? [.embedding]
        )
    }
}

/// A network in training, as `tools/golden/training.py` trains it.
struct Trainee<Scalar: TrainingScalar> {
    let network: EmotionNetwork<Scalar>
    let batch: TrainingBatch<Scalar>
    let views: [[Scalar]]
    let targets: [Scalar]
    let classWeights: [Scalar]
    let speech: [Scalar]
    var gate: [Scalar]?

    init(_ golden: NetworkCase, _ tensors: GoldenTensors) throws {
        try OpenBLAS.load()
        func read(_ name: String) throws -> [Scalar] { try tensors(name).map { Scalar($0) } }
        var random = TrainingRandom(seed: 1)
        network = EmotionNetwork(golden.shape, random: &random)
        for entry in network.parameters.entries {
            #expect(try tensors.shape("weights." + entry.name) == entry.shape)
            network.parameters[entry.name] = try read("weights." + entry.name)
        }
        let masks = try read("views")
        views = [Array(masks[..<(masks.count / 2)]), Array(masks[(masks.count / 2)...])]
        batch = try TrainingBatch(
            count: golden.clips,
            frames: golden.frames,
            features: read("features"),
            mask: views[0]
        )
        (targets, classWeights) = try (read("targets"), read("class_weights"))
        speech = try read("speech")
    }

    /// The loss; its gradients are then in the network's parameters.
    func loss() -> Scalar {
        let output = network.forward(batch, views: views, gate: gate)
        var dClasses = output.classLogits
        var dSpeech = output.speechLogits
        var loss = Losses.crossEntropy(
            logits: output.classLogits,
            targets: targets,
            classWeights: classWeights,
            gradient: &dClasses
        )
        let share: Scalar = 0.3
        loss +=
            share
            * Losses.binaryCrossEntropy(
                logits: output.speechLogits,
                targets: speech,
                mask: batch.mask,
                gradient: &dSpeech
            )
        network.parameters.clearGradients()
        network.backward(classGradients: dClasses, speechGradients: dSpeech.map { $0 * share })
        return loss
    }
}

@Suite struct NetworkTests {
    private static var settings: AdamW<Float>.Settings {
        var settings = AdamW<Float>.Settings()
        (settings.beta2, settings.weightDecay) = (0.99, 0.05)
        return settings
    }

    @Test func thereAreNetworksOfEachKind() {
        #expect(
            NetworkCase.all.map(\.name) == [
                "network-convolution", "network-depthwise", "network-recurrent", "network-mean",
                "network-gated", "network-statistics", "network-statistics-prediction",
            ]
        )
    }

    @Test(arguments: NetworkCase.all)
    func aPaddedBatchGivesPyTorchsLogitsAndGradients(_ golden: NetworkCase) throws {
        let tensors = try GoldenTraining.tensors(golden.name)
        let trainee = try Trainee<Float>(golden, tensors)
        let output = trainee.network.forward(trainee.batch, views: trainee.views)
        try #expect(largestDifference(output.classLogits, tensors("class_logits")) < 5e-6)
        try #expect(largestDifference(output.speechLogits, tensors("speech_logits")) < 5e-6)

        _ = trainee.loss()
        let gradients = trainee.network.parameters.allGradients
        for entry in trainee.network.parameters.entries {
            let ours = Array(gradients[entry.offset..<entry.offset + entry.count])
            try #expect(largestDifference(ours, tensors("gradients." + entry.name)) < 5e-6, "\(entry.name)")
        }
    }

    @Test(arguments: NetworkCase.all)
    func tenStepsGivePyTorchsTenLosses(_ golden: NetworkCase) throws {
        let tensors = try GoldenTraining.tensors(golden.name)
        let trainee = try Trainee<Float>(golden, tensors)
        let optimiser = AdamW(trainee.network.parameters, Self.settings)
        let schedule = Schedule(peak: 2e-2, warmUpSteps: 3, totalSteps: 20)
        let losses = (0..<10).map { step in
            let loss = trainee.loss()
            _ = optimiser.step(learningRate: schedule.learningRate(at: step))
            return loss
        }
        let expected = try tensors("losses")
        try #require(expected.count == 10)
        for (ours, theirs) in zip(losses, expected) { #expect(abs(ours - theirs) < 1e-3) }
        #expect(expected[9] < 0.8 * expected[0], "the golden run itself learns")
        for name in ["pool.mean", "pool.deviation"] {
            guard let kept = trainee.network.parameters[name] else { continue }
            #expect(try kept == tensors("weights." + name), "\(name) is a constant")
        }
    }

    /// The pooling gate gets no gradient, so it is held fixed here.
    @Test(arguments: NetworkCase.all)
    func everyGradientAgreesWithFiniteDifferences(_ golden: NetworkCase) throws {
        var trainee = try Trainee<Double>(golden, GoldenTraining.tensors(golden.name))
        var random = TrainingRandom(seed: 5)
        trainee.gate = trainee.batch.mask.map { _ in random.unit() }
        _ = trainee.loss()
        let parameters = trainee.network.parameters
        let (gradients, start) = (parameters.allGradients, parameters.all)
        for entry in parameters.entries where !entry.name.hasPrefix("pool.") {
            var worst = 0.0
            // Every third number: each layer has been proved number by number.
            for index in stride(from: entry.offset, to: entry.offset + entry.count, by: 3) {
                func loss(movedBy amount: Double) -> Double {
                    var moved = start
                    moved[index] += amount
                    parameters.all = moved
                    return trainee.loss()
                }
                let slope = (loss(movedBy: 1e-6) - loss(movedBy: -1e-6)) / 2e-6
                worst = max(
                    worst,
                    abs(slope - gradients[index]) / (abs(slope) + abs(gradients[index]) + 1e-3)
                )
            }
            #expect(worst < 1e-5, "\(entry.name)")
        }
    }

    /// Without optimisation Swift's accessors are coroutines with frames on the heap.
    #if DEBUG
        private static let isOptimised = false
    #else
        private static let isOptimised = true
    #endif

    @Test(.enabled(if: canCountAllocations && isOptimised))
    func aWarmStepKeepsToItsBudgetOfAllocations() throws {
        let golden = try #require(NetworkCase.all.first)
        let trainee = try Trainee<Float>(golden, GoldenTraining.tensors(golden.name))
        let optimiser = AdamW(trainee.network.parameters)
        _ = trainee.loss()
        _ = optimiser.step(learningRate: 1e-3)
        #expect(allocations { _ = optimiser.step(learningRate: 1e-3) } == 0)
        var output = trainee.network.forward(trainee.batch, views: trainee.views)
        let forward = allocations { output = trainee.network.forward(trainee.batch, views: trainee.views) }
        let backward = allocations {
            trainee.network.backward(classGradients: output.classLogits, speechGradients: output.speechLogits)
        }
        // The arrays that come back, and some for each layer, whatever the size of the batch.
        #expect(forward <= 24)
        #expect(backward <= 24)
    }

    @Test func aLineIsFitted() throws {
        try OpenBLAS.load()
        var random = TrainingRandom(seed: 1)
        let parameters = Parameters<Float>()
        let line = Linear(parameters, "line", inputs: 1, outputs: 1, random: &random)
        var settings = AdamW<Float>.Settings()
        settings.weightDecay = 0
        let optimiser = AdamW(parameters, settings)
        let (input, gradient) = (SequenceBuffer<Float>(), SequenceBuffer<Float>())
        for step in 0..<500 {
            let x = (0..<16).map { _ in Float(random.unit() * 2 - 1) }
            let y = line.forward(input.load(x, batch: 1, frames: 16, channels: 1)).values
            let error = zip(x, y).map { ($1 - (1.7 * $0 - 0.6)) / 8 }
            parameters.clearGradients()
            _ = line.backward(gradient.load(error, batch: 1, frames: 16, channels: 1))
            let schedule = Schedule(peak: 0.05, warmUpSteps: 10, totalSteps: 500)
            _ = optimiser.step(learningRate: schedule.learningRate(at: step))
        }
        let (slope, offset) = (parameters.all[0], parameters.all[1])
        #expect(abs(slope - 1.7) < 1e-2 && abs(offset + 0.6) < 1e-2)
    }
}
