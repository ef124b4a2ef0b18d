// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation
import Training

/// One stage of a recipe at work on one network.
struct StageTrainer {
    private let stage: Recipe.Stage
    private let shared: SharedNetwork
    private let set: TrainingSet
    private var tasks: PretextTasks?
    private let statistics: InputStatistics
    private let bandCount: Int
    private let cleanShare: Double
    private let seed: UInt64
    private let optimiser: AdamW<Float>
    private let schedule: Schedule
    private var losses: StageLosses
    private var random: TrainingRandom
    private(set) var epochsDone = 0

    init(
        _ stage: Recipe.Stage,
        network: SharedNetwork,
        set: TrainingSet,
        tasks: PretextTasks?,
        statistics: InputStatistics,
        bandCount: Int,
        cleanShare: Double,
        seed: UInt64
    ) {
        (self.stage, self.shared, self.set, self.statistics) = (stage, network, set, statistics)
        (self.tasks, self.bandCount, self.cleanShare, self.seed) = (tasks, bandCount, cleanShare, seed)
        var settings = AdamW<Float>.Settings()
        settings.beta2 = stage.optimiser.beta2
        settings.weightDecay = stage.optimiser.weightDecay
        settings.clipNorm = stage.optimiser.clipNorm
        settings.averageDecay = stage.optimiser.averageDecay
        optimiser = AdamW(network.network.parameters, settings)
        random = TrainingRandom(seed: seed)
        losses = StageLosses(
            stage,
            classCount: network.network.shape.classes,
            companionCount: set.companions.count,
            coOccurrence: set.labels?.loss
        )
        let steps = Self.plan(stage, set, cleanShare: cleanShare, seed: seed, epoch: 0).batches.count
        schedule = Schedule(
            peak: stage.optimiser.learningRate,
            warmUpSteps: stage.optimiser.warmUpSteps,
            totalSteps: stage.epochs * steps
        )
    }

    private var network: EmotionNetwork<Float> { shared.network }

    var isDone: Bool { epochsDone >= stage.epochs }

    /// The rate of the next step.
    var learningRate: Double { schedule.learningRate(at: optimiser.stepCount) }

    /// Value of each loss in the last epoch.
    var figures: [String: Double] { losses.figures }

    /// Result of the stage.
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
            extra: losses.emotion.state
        )
    }

    /// Goes on from `checkpoint`, which must be of this stage.
    mutating func restore(_ checkpoint: Checkpoint<StageProgress>) throws {
        try checkpoint.restore(network.parameters, optimiser)
        losses.emotion.state = checkpoint.extra
        random = checkpoint.random
        epochsDone = checkpoint.progress.epochsDone
    }

    /// Runs the next epoch and returns its mean loss.
    mutating func runEpoch(_ tell: (_ done: Int, _ of: Int, _ loss: Double) -> Void) throws -> Double {
        let batches = Self.plan(stage, set, cleanShare: cleanShare, seed: seed, epoch: epochsDone).batches
        losses.clearFigures()
        cluster(batches)
        var sum = 0.0
        for (index, draws) in batches.enumerated() {
            let loss = try step(draws)
            sum += loss
            tell(epochsDone * batches.count + index + 1, stage.epochs * batches.count, loss)
        }
        epochsDone += 1
        return sum / Double(max(1, batches.count))
    }

    /// Gives the network the averaged weights, if the recipe keeps them.
    func finish() {
        if stage.optimiser.averageDecay > 0 { network.parameters.all = optimiser.average }
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

    private mutating func batch(_ draws: [DrawnClip]) -> PaddedBatch {
        var clips = draws.map(set.frames)
        if let variation = stage.frames {
            for index in clips.indices {
                variation.apply(
                    to: &clips[index].features,
                    bandCount: bandCount,
                    statistics: statistics,
                    using: &random
                )
            }
        }
        return PaddedBatch(clips, normalised: statistics, stride: network.shape.stride)
    }

    /// Groups the clips of the coming epoch by what the network makes of them, and makes its cluster head forget the
    /// names of the last groups. Draws from a source of its own, so that it changes nothing where there are no clusters.
    private mutating func cluster(_ batches: [[DrawnClip]]) {
        guard let count = tasks?.settings.clusters?.count else { return }
        var random = TrainingRandom(seed: seed &+ UInt64(epochsDone) &* 0x9E37_79B9)
        let clusters = ClipClusters(batches, count: count, in: set, network, statistics, using: &random)
        tasks?.clusters = clusters
        let head = "pretext.\(PretextLoss.Task.clusters.rawValue)"
        for part in ["weight", "bias"] {
            let name = "\(head).\(part)"
            let size = network.parameters[name]?.count ?? 0
            network.parameters[name] = (0..<size).map { _ in
                part == "bias" ? 0 : Float.random(in: -0.02...0.02, using: &random)
            }
        }
        optimiser.forget(head)
    }

    private mutating func step(_ draws: [DrawnClip]) throws -> Double {
        let batch = batch(draws)
        let lessons = StageLosses.Lessons(
            emotions: draws.map(set.lesson),
            beginning: stage.loss.prefixWeight > 0
                ? batch.prefix(draws.map { _ in Double.random(in: 0.2...1, using: &random) }) : nil,
            speech: batch.speech,
            mask: batch.input.mask,
            pretext: tasks?.targets(draws, batch, using: &random),
            attributes: draws.map(set.attributes)
        )
        let output = try shared.forward(batch.input, views: lessons.views, random: &random)
        let (loss, gradients) = losses.lossAndGradients(output, lessons)
        try shared.backward(gradients, clips: draws.count)
        let rate = learningRate
        _ = optimiser.step(learningRate: rate)
        losses.emotion.step(
            gradient: gradients.classes,
            lessons.emotions,
            learningRate: Float(rate),
            beta2: Float(stage.optimiser.beta2),
            count: optimiser.stepCount
        )
        return Double(loss)
    }
}
