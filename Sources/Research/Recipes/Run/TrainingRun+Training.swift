// SPDX-License-Identifier: Apache-2.0
import Corpora
import EmotionEncoder
import EmotionStream
import Foundation
import MatrixProducts
import MessagePassing
import ModelBundle
import NeuralLayers
import SpeechFeatures
import StepKernels
import Training

extension TrainingRun {
    /// Trains one part to its end and writes its model; does nothing if the model is there.
    ///
    /// A fold and the release begin with the shared stages, which are trained first if they are missing. Of several
    /// processes all must call this; the first writes what comes out of it.
    public func train(_ part: RunPart, _ tell: (RunEvent) -> Void) async throws {
        if try group.agreed(folder.hasModel(of: part)) { return }
        let start = try await learn(part, untilEmotions: false, tell)
        if group.isFirst { try await finish(part, start, tell) }
        try group.wait()
    }

    /// Writes a part's model, calibrated.
    private func finish(_ part: RunPart, _ start: StageStart, _ tell: (RunEvent) -> Void) async throws {
        guard let statistics = start.statistics else { return }
        try write(start.weights, statistics, temperature: 1, to: folder.uncalibrated(of: part), part)
        let temperature = try await calibrate(part, tell)
        try write(start.weights, statistics, temperature: temperature, to: folder.model(of: part), part)
    }

    /// Trains a part's stages up to the first one that teaches emotions; ``train(_:_:)`` goes on from there.
    public func pretrain(_ part: RunPart, _ tell: (RunEvent) -> Void) async throws {
        if try group.agreed(folder.hasModel(of: part)) { return }
        _ = try await learn(part, untilEmotions: true, tell)
        try group.wait()
    }

    /// Goes through a part's stages and returns what the last one has learned.
    private func learn(
        _ part: RunPart,
        untilEmotions: Bool,
        _ tell: (RunEvent) -> Void
    ) async throws -> StageStart {
        if part != .shared, !sharedStages.isEmpty { try await train(.shared, tell) }
        try OpenBLAS.load()
        let stages = part == .shared ? sharedStages : recipe.stages[sharedStages.endIndex...]
        let begun = try Checkpoint<StageProgress>.existing(in: folder.checkpoint(of: part))
        var start = try begun.map(StageStart.init) ?? inheritance(of: part)
        let first = stages.firstIndex { $0.name == begun?.progress.stage } ?? stages.startIndex
        for stage in stages[first...] {
            if untilEmotions, stage.loss.emotionWeight > 0 { break }
            let checkpoint = begun.flatMap { $0.progress.stage == stage.name ? $0 : nil }
            start = try await train(stage, part, from: start, resuming: checkpoint, tell)
        }
        return start
    }

    /// Trains one stage and returns what the next one begins with.
    private func train(
        _ stage: Recipe.Stage,
        _ part: RunPart,
        from start: StageStart,
        resuming checkpoint: Checkpoint<StageProgress>?,
        _ tell: (RunEvent) -> Void
    ) async throws -> StageStart {
        // The first process makes the tables that are missing; the others then find them.
        if !group.isFirst { try group.wait() }
        let set = try await trainingSet(stage, part, tell)
        if group.isFirst { try group.wait() }
        guard stage.batch.clips >= 2 * group.count else {
            throw RecipeError.data(
                problem:
                    "stage '\(stage.name)': batches of \(stage.batch.clips) clips are too few for \(group.count) "
                    + "processes; it takes two clips for each"
            )
        }
        guard set.members.count * 2 >= stage.batch.clips else {
            throw RecipeError.data(
                problem:
                    "stage '\(stage.name)': there are only \(set.members.count) clips to train \(part) on, "
                    + "less than half a batch; add clips or lower batch.clips (\(stage.batch.clips))"
            )
        }
        let statistics = start.statistics ?? InputStatistics(of: set.own, featureCount: features.featureCount)
        var random = TrainingRandom(seed: recipe.seed)
        let network = EmotionNetwork<Float>(shape(of: stage), random: &random)
        start.weights.copy(to: network.parameters)
        var trainer = StageTrainer(
            stage,
            network: SharedNetwork(network: network, group: group),
            set: set,
            tasks: try pretextTasks(of: stage, part, set, tell),
            statistics: statistics,
            bandCount: features.spectrum.bandCount,
            cleanShare: recipe.augmentation.cleanShare,
            seed: recipe.seed
        )
        if let checkpoint { try trainer.restore(checkpoint) }
        try run(&trainer, stage, of: part, tell)
        let weights = NamedWeights(network.parameters, hasClasses: stage.loss.emotionWeight > 0)
        return StageStart(weights: weights, statistics: statistics)
    }

    /// Epoch after epoch, a checkpoint after each; then the averaged weights.
    private func run(
        _ trainer: inout StageTrainer,
        _ stage: Recipe.Stage,
        of part: RunPart,
        _ tell: (RunEvent) -> Void
    ) throws {
        let start = clock()
        while !trainer.isDone {
            let loss = try trainer.runEpoch { done, all, loss in
                guard group.isFirst else { return }
                tell(.step(part: part.description, stage: stage.name, done: done, of: all, loss: loss))
            }
            if group.isFirst {
                try folder.write(trainer.checkpoint, of: part)
            }
            let event = RunEvent.epoch(
                part: part.description,
                stage: stage.name,
                epoch: trainer.epochsDone,
                of: stage.epochs,
                loss: loss,
                cpuSeconds: Double(clock() - start) / Double(CLOCKS_PER_SEC),
                learningRate: trainer.learningRate,
                figures: trainer.figures
            )
            report(event, of: part, tell)
            try Task.checkCancellation()
        }
        trainer.finish()
    }

    /// Adds an event to the part's log and tells it; one of several processes does so for all.
    func report(_ event: RunEvent, of part: RunPart, _ tell: (RunEvent) -> Void) {
        guard group.isFirst else { return }
        folder.log(event, of: part)
        tell(event)
    }

    private func shape(of pooling: Pooling.Kind) -> NetworkShape.Pooling {
        switch pooling {
        case .attention: .attention
        case .mean: .mean
        case .gated: .gated
        case .statistics: .statistics
        }
    }

    private func shape(of stage: Recipe.Stage) -> NetworkShape {
        let heads = stage.pretext.map { PretextLoss.heads($0, inputs: features.featureCount) }
        return shape(
            dropout: stage.dropout,
            pooledHeads: (heads?.pooled ?? []) + attributeHead(of: stage),
            frameHeads: (heads?.frames ?? []) + predictionHead
        )
    }

    /// The shape of the network when nothing of it is trained.
    var frozenShape: NetworkShape { shape(dropout: 0, pooledHeads: [], frameHeads: predictionHead) }

    private func shape(dropout: Double, pooledHeads: [NetworkShape.Head], frameHeads: [NetworkShape.Head])
        -> NetworkShape
    {
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
            pooling: shape(of: network.pooling),
            hiddenCount: network.hiddenCount,
            classes: Emotion.allCases.count,
            dropout: dropout,
            pooledHeads: pooledHeads,
            frameHeads: frameHeads,
            taps: (network.taps ?? [.embedding]).map(tap)
        )
    }

    private func tap(_ tap: EncoderArchitecture.Tap) -> NetworkShape.Tap {
        switch tap {
        case .blocks: .blocks
        case .embedding: .embedding
        case .prediction: .prediction
        }
    }

    /// The head that predicts a teacher's vectors: a part of the network that is kept, not of the pretext task.
    private var predictionHead: [NetworkShape.Head] {
        recipe.network.predictionCount.map { [.init(name: NetworkShape.predictionHead, outputs: $0)] } ?? []
    }

    /// Behind the heads of pretext tasks, so that these draw the same weights with it and without.
    private func attributeHead(of stage: Recipe.Stage) -> [NetworkShape.Head] {
        stage.attributes.map { [.init(name: AttributeLoss.head, outputs: $0.taught.count)] } ?? []
    }

    /// The clips of a stage that a part may train on: of the judged corpus only the part's training speakers.
    private func trainingSet(
        _ stage: Recipe.Stage,
        _ part: RunPart,
        _ tell: (RunEvent) -> Void
    ) async throws -> TrainingSet {
        let isLabelled = stage.pretext == nil
        let attributes = stage.attributes?.taught.map(\.attribute) ?? []
        var own: [(set: ClipSet, clips: [Int])] = []
        var faults: [CorpusFaults] = []
        for corpus in stage.corpora {
            let set = try await speech(corpus, isLabelled: isLabelled, attributes: attributes, tell)
            faults.append(self.faults(of: corpus, set, tell))
            own.append((set, trainingClips(of: part, in: set, corpus)))
        }
        var (companions, heard) = ([ClipSet](), faults)
        for corpus in stage.companions.corpora {
            let set = try await speech(corpus, isLabelled: isLabelled, attributes: attributes, tell)
            companions.append(set)
            heard.append(self.faults(of: corpus, set, tell))
        }
        tellContradictions(between: heard, tell)
        let teachesClasses = stage.loss.emotionWeight > 0 && attributes.isEmpty
        try CorpusFaults.check(faults, teaches: teachesClasses, "stage '\(stage.name)'")
        let noise = try await library.nonSpeech(recipe.silentSelections, tell: tell)
        let labels = try labels(of: stage, own)
        if let labels {
            let clips: [(set: ClipSet, clips: [Int])] =
                own + companions.map { ($0, Array($0.clips.indices)) }
            report(labels, of: part, in: stage, clips: clips, tell)
        }
        return TrainingSet(own: own, companions: companions, noise: noise, labels: labels, stage: stage)
    }

    /// Initial weights of a part: the shared stages' network, the model that the recipe names, or none.
    private func inheritance(of part: RunPart) throws -> StageStart {
        if part != .shared, !sharedStages.isEmpty {
            return try StageStart(ModelFolder(path: folder.model(of: .shared).path), for: architecture)
        }
        return try recipe.start.map { try StageStart(ModelFolder(path: $0), for: architecture) }
            ?? StageStart()
    }

    /// The labels of a stage's pretext tasks, if it has any.
    private func pretextTasks(
        of stage: Recipe.Stage,
        _ part: RunPart,
        _ set: TrainingSet,
        _ tell: (RunEvent) -> Void
    ) throws -> PretextTasks? {
        guard let settings = stage.pretext else { return nil }
        let corpora = stage.corpora + stage.companions.corpora
        let tasks = PretextTasks(
            settings,
            sets: set.trainable,
            faces: try corpora.map { corpus in
                let tables = settings.faces.filter { $0.corpus == corpus }.flatMap(\.tables)
                return try FaceLibrary(
                    corpus: data.manifest(of: corpus),
                    tables: tables.map { data.url.appending(path: $0, directoryHint: .isDirectory) }
                )
            },
            teacher: try settings.teacher.map { teacher in
                try library.table(
                    teacher.source,
                    for: set.trainable.flatMap { part in part.clips.map { part.set.clips[$0] } }
                )
            },
            framesPerSecond: Double(features.spectrum.sampleRate) / Double(features.spectrum.hopSamples)
        )
        if let faces = tasks.faces {
            let event = RunEvent.faces(
                part: part.description,
                stage: stage.name,
                sources: faces.sources,
                classes: faces.classes
            )
            report(event, of: part, tell)
        }
        return tasks
    }

    /// The temperature that the development speakers set, through the streaming path; 1 where there are none.
    func calibrate(_ part: RunPart, _ tell: (RunEvent) -> Void) async throws -> Double {
        let development = developmentSpeakers(of: part)
        guard !development.isEmpty, let corpus = speakersCorpus else { return 1 }
        let set = try await emotional(corpus, tell)
        let clips = set.indices(of: development)
        let answers = try await StreamedClip.stream(
            clips.map { set.clips[$0] },
            through: StreamModel(path: folder.uncalibrated(of: part).path)
        ) { done in
            tell(.evaluating(part: part.description, done: done, of: clips.count))
        }
        let judged = JudgedClips(clips.map { set.clips[$0] }, answers: answers)
        let temperature = judged.temperature()
        let event = RunEvent.calibrated(
            part: part.description,
            speakers: development,
            temperature: temperature,
            recall: judged.confusion().unweightedAverageRecall
        )
        report(event, of: part, tell)
        return temperature
    }
}
