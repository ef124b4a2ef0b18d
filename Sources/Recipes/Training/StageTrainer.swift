// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation
import Training

/// One stage of a recipe at work on one network.
struct StageTrainer {
    private let stage: Recipe.Stage
    private let network: EmotionNetwork<Float>
    private let set: TrainingSet
    private let statistics: InputStatistics
    private let cleanShare: Double
    private let seed: UInt64
    private let optimiser: AdamW<Float>
    private let schedule: Schedule
    private var emotionLoss: EmotionLoss
    private var random: TrainingRandom
    private(set) var epochsDone = 0

    init(
        _ stage: Recipe.Stage,
        network: EmotionNetwork<Float>,
        set: TrainingSet,
        statistics: InputStatistics,
        cleanShare: Double,
        seed: UInt64
    ) {
        (self.stage, self.network, self.set, self.statistics) = (stage, network, set, statistics)
        (self.cleanShare, self.seed) = (cleanShare, seed)
        var settings = AdamW<Float>.Settings()
        settings.beta2 = stage.squareDecay
        settings.weightDecay = stage.weightDecay
        settings.clipNorm = stage.gradientNorm
        settings.averageDecay = stage.averageDecay
        optimiser = AdamW(network.parameters, settings)
        random = TrainingRandom(seed: seed)
        emotionLoss = EmotionLoss(
            classCount: network.shape.classes,
            smoothing: stage.labelSmoothing,
            companionCount: set.companions.count
        )
        let steps = Self.plan(stage, set, cleanShare: cleanShare, seed: seed, epoch: 0).batches.count
        schedule = Schedule(
            peak: stage.learningRate,
            warmUpSteps: stage.warmUpSteps,
            totalSteps: stage.epochs * steps
        )
    }

    var isDone: Bool { epochsDone >= stage.epochs }

    /// What the stage has come to.
    var checkpoint: Checkpoint<StageProgress> {
        Checkpoint(
            network.parameters,
            optimiser,
            random: random,
            progress: StageProgress(
                stage: stage.name,
                epochsDone: epochsDone,
                inputMean: statistics.mean,
                inputScale: statistics.scale
            ),
            extra: emotionLoss.state
        )
    }

    /// Goes on from `checkpoint`, which must be of this stage.
    mutating func restore(_ checkpoint: Checkpoint<StageProgress>) throws {
        try checkpoint.restore(network.parameters, optimiser)
        emotionLoss.state = checkpoint.extra
        random = checkpoint.random
        epochsDone = checkpoint.progress.epochsDone
    }

    /// Runs the next epoch and returns its mean loss.
    mutating func runEpoch(_ tell: (_ done: Int, _ of: Int, _ loss: Double) -> Void) -> Double {
        let batches = Self.plan(stage, set, cleanShare: cleanShare, seed: seed, epoch: epochsDone).batches
        var sum = 0.0
        for (index, draws) in batches.enumerated() {
            let loss = step(draws)
            sum += loss
            tell(epochsDone * batches.count + index + 1, stage.epochs * batches.count, loss)
        }
        epochsDone += 1
        return sum / Double(max(1, batches.count))
    }

    /// Gives the network the averaged weights, if the recipe keeps them.
    func finish() {
        if stage.averageDecay > 0 { network.parameters.all = optimiser.average }
    }

    private static func plan(
        _ stage: Recipe.Stage,
        _ set: TrainingSet,
        cleanShare: Double,
        seed: UInt64,
        epoch: Int
    ) -> EpochPlan {
        EpochPlan(
            members: set.members,
            companions: set.companions,
            noises: set.noises,
            stage: stage,
            cleanShare: cleanShare,
            seed: seed,
            epoch: epoch
        )
    }

    private mutating func step(_ draws: [DrawnClip]) -> Double {
        let batch = set.batch(draws, normalised: statistics, stride: network.shape.stride)
        let lessons = draws.map(set.lesson)
        var views = [batch.input.mask]
        if stage.prefixWeight > 0 {
            views.append(batch.prefix(draws.map { _ in Double.random(in: 0.3...1, using: &random) }))
        }
        let output = withUnsafeMutablePointer(to: &random) {
            network.forward(batch.input, views: views, random: $0)
        }
        let (loss, classGradients) = emotionLosses(output.classLogits, lessons)
        var speechGradients = Array(repeating: Float(0), count: output.speechLogits.count)
        let speechLoss = Losses.binaryCrossEntropy(
            logits: output.speechLogits,
            targets: batch.speech,
            mask: batch.input.mask,
            gradient: &speechGradients
        )
        for index in speechGradients.indices { speechGradients[index] *= stage.speechWeight }
        network.parameters.clearGradients()
        network.backward(classGradients: classGradients, speechGradients: speechGradients)
        let rate = schedule.learningRate(at: optimiser.stepCount)
        _ = optimiser.step(learningRate: rate)
        emotionLoss.step(
            gradient: classGradients,
            lessons,
            learningRate: Float(rate),
            squareDecay: Float(stage.squareDecay),
            count: optimiser.stepCount
        )
        return Double(loss + stage.speechWeight * speechLoss)
    }

    /// The whole clip's loss, then that of its beginning.
    private func emotionLosses(_ logits: [Float], _ lessons: [EmotionLoss.Lesson?]) -> (Float, [Float]) {
        let size = lessons.count * network.shape.classes
        let whole = emotionLoss.lossAndGradient(logits[..<size], lessons, scale: 1)
        guard logits.count > size else { return whole }
        let beginning = emotionLoss.lossAndGradient(logits[size...], lessons, scale: stage.prefixWeight)
        return (whole.loss + beginning.loss, whole.gradient + beginning.gradient)
    }
}
