// SPDX-License-Identifier: Apache-2.0
import Corpora
import EmotionEncoder
import EmotionStream
import Foundation
import MatrixProducts
import ModelBundle
import SpeechFeatures
import StepKernels
import Training

extension TrainingRun {
    /// Trains one part to its end and writes its model; does nothing if the model is there.
    ///
    /// A fold and the release begin with the shared stages, which are trained first if they are missing.
    public func train(_ part: RunPart, _ tell: (RunEvent) -> Void) async throws {
        if folder.hasModel(of: part) { return }
        if part != .shared, !sharedStages.isEmpty { try await train(.shared, tell) }
        try OpenBLAS.load()
        let stages = part == .shared ? sharedStages : recipe.stages[sharedStages.endIndex...]
        var random = TrainingRandom(seed: recipe.seed)
        let network = EmotionNetwork<Float>(shape(of: stages), random: &random)
        let begun = try Checkpoint<StageProgress>.existing(in: folder.checkpoint(of: part))
        var statistics = begun.map {
            InputStatistics(mean: $0.progress.inputMean, scale: $0.progress.inputScale)
        }
        if begun == nil, part != .shared, !sharedStages.isEmpty {
            try begin(network, from: .shared)
            statistics = try self.statistics(of: .shared)
        }
        let first = stages.firstIndex { $0.name == begun?.progress.stage } ?? stages.startIndex
        for stage in stages[first...] {
            let set = try await trainingSet(stage, part, tell)
            guard set.members.count * 2 >= stage.batchClips else {
                throw RecipeError.data(
                    problem:
                        "stage '\(stage.name)': there are no clips to train \(part) on, or not half a batch of them"
                )
            }
            let measured = statistics ?? InputStatistics(of: set.own, featureCount: features.featureCount)
            statistics = measured
            var trainer = StageTrainer(
                stage,
                network: network,
                set: set,
                statistics: measured,
                cleanShare: recipe.augmentation.cleanShare,
                seed: recipe.seed
            )
            if let begun, begun.progress.stage == stage.name { try trainer.restore(begun) }
            try run(&trainer, stage, part, tell)
        }
        guard let statistics else { return }
        try write(network, statistics, temperature: 1, to: folder.uncalibrated(of: part), part)
        let temperature = try await calibrate(part, tell)
        try write(network, statistics, temperature: temperature, to: folder.model(of: part), part)
    }

    /// Epoch after epoch, a checkpoint after each; then the averaged weights.
    private func run(
        _ trainer: inout StageTrainer,
        _ stage: Recipe.Stage,
        _ part: RunPart,
        _ tell: (RunEvent) -> Void
    ) throws {
        let start = clock()
        while !trainer.isDone {
            let loss = trainer.runEpoch { done, all, loss in
                tell(.step(part: part.description, stage: stage.name, done: done, of: all, loss: loss))
            }
            _ = try folder.folder(of: part)
            try trainer.checkpoint.write(to: folder.checkpoint(of: part).path)
            let event = RunEvent.epoch(
                part: part.description,
                stage: stage.name,
                epoch: trainer.epochsDone,
                of: stage.epochs,
                loss: loss,
                cpuSeconds: Double(clock() - start) / Double(CLOCKS_PER_SEC)
            )
            folder.log(event, of: part)
            tell(event)
            try Task.checkCancellation()
        }
        trainer.finish()
    }

    private func shape(of stages: ArraySlice<Recipe.Stage>) -> NetworkShape {
        let network = recipe.network
        return NetworkShape(
            inputs: features.featureCount,
            width: network.width,
            front: network.front.map { ($0.kernel, $0.stride) },
            kernel: network.blocks.kernel,
            dilations: network.blocks.dilations,
            blockKind: network.blocks.kind == .depthwise ? .depthwise : .convolution,
            expansion: network.blocks.expansion,
            activation: network.activation == .gelu ? .gelu : .relu,
            recurrentLayers: network.isRecurrent ? 1 : 0,
            hiddenCount: network.hiddenCount,
            classes: Emotion.allCases.count,
            dropout: stages.first?.dropout ?? 0
        )
    }

    /// The clips of a stage that a part may train on: of the judged corpus only the part's training speakers.
    private func trainingSet(
        _ stage: Recipe.Stage,
        _ part: RunPart,
        _ tell: (RunEvent) -> Void
    ) async throws -> TrainingSet {
        var own: [(set: ClipSet, clips: [Int])] = []
        for corpus in stage.corpora {
            let set = try await emotional(corpus, tell)
            let isJudged = corpus == recipe.evaluation.corpus
            own.append(
                (set, isJudged ? set.indices(of: speakers(of: part).training) : Array(set.clips.indices))
            )
        }
        var companions: [ClipSet] = []
        for corpus in stage.companions.corpora { companions.append(try await emotional(corpus, tell)) }
        let noise = try await library.nonSpeech(recipe.augmentation.noise, tell: tell)
        return TrainingSet(own: own, companions: companions, noise: noise, stage: stage)
    }

    private func begin(_ network: EmotionNetwork<Float>, from part: RunPart) throws {
        let tensors = try ModelFolder(path: folder.model(of: part).path).tensors
        for entry in network.parameters.entries {
            network.parameters[entry.name] = try tensors.floats(of: entry.name, shape: entry.shape)
        }
    }

    private func statistics(of part: RunPart) throws -> InputStatistics {
        let tensors = try ModelFolder(path: folder.model(of: part).path).tensors
        let shape = [features.featureCount]
        return InputStatistics(
            mean: try tensors.floats(of: "input.mean", shape: shape),
            scale: try tensors.floats(of: "input.scale", shape: shape)
        )
    }

    /// The temperature that the development speakers set, through the streaming path; 1 where there are none.
    private func calibrate(_ part: RunPart, _ tell: (RunEvent) -> Void) async throws -> Double {
        let development = speakers(of: part).development
        guard !development.isEmpty else { return 1 }
        let set = try await emotional(recipe.evaluation.corpus, tell)
        let clips = set.indices(of: development)
        let answers = try await StreamedClip.stream(
            clips.map { set.clips[$0] },
            through: StreamModel(path: folder.uncalibrated(of: part).path)
        ) { done in
            tell(.evaluating(part: part.description, done: done, of: clips.count))
        }
        let judged = JudgedClips(set: set, clips: clips, answers: answers)
        let temperature = judged.temperature()
        let event = RunEvent.calibrated(
            part: part.description,
            speakers: development,
            temperature: temperature,
            recall: judged.confusion().unweightedAverageRecall
        )
        folder.log(event, of: part)
        tell(event)
        return temperature
    }
}
