// SPDX-License-Identifier: Apache-2.0
import Corpora
import EmotionEncoder
import Foundation
import MatrixProducts
import ModelBundle
import SpeechFeatures
import Training

extension TrainingRun {
    /// Trains parts in turn, each to its end.
    public func train(_ parts: [RunPart], _ tell: (RunEvent) -> Void) async throws {
        if recipe.readout != nil { return try await trainReadouts(parts, tell) }
        for part in parts { try await train(part, tell) }
    }

    /// Trains the shared stages, then fits the read-out of each part that has no model yet, and writes its model.
    private func trainReadouts(_ parts: [RunPart], _ tell: (RunEvent) -> Void) async throws {
        guard let readout = recipe.readout else { return }
        if !sharedStages.isEmpty { try await train(.shared, tell) }
        let missing = parts.filter { $0 != .shared && !folder.hasModel(of: $0) }
        if missing.isEmpty { return }
        let start = try frozenEncoder()
        let trainer = try await readoutTrainer(readout, start, tell)
        for part in missing {
            let fit = trainer.fit { corpus, clip in isTaught(part, corpus, clip) }
            try await write(fit, start, of: part, classes: trainer.classes, tell)
        }
    }

    private func write(
        _ fit: ReadoutTrainer.Fit,
        _ start: StageStart,
        of part: RunPart,
        classes: [Int],
        _ tell: (RunEvent) -> Void
    ) async throws {
        guard let statistics = start.statistics else { return }
        var weights = start.weights
        fit.add(to: &weights, classes: classes)
        let labels = classes.map { Emotion.names[$0] }
        _ = try folder.folder(of: part)
        try write(
            weights,
            statistics,
            temperature: 1,
            labels: labels,
            to: folder.uncalibrated(of: part),
            part
        )
        if part == .release, let vocal = recipe.vocal {
            let trainer = try vocalTrainer(vocal, model: folder.uncalibrated(of: part), tell)
            trainer.fit { _ in true }.add(to: &weights)
        }
        let temperature = try await calibrate(part, tell)
        try write(
            weights,
            statistics,
            temperature: temperature,
            labels: labels,
            to: folder.model(of: part),
            part
        )
    }

    /// The encoder of the shared stages, or the one that the recipe starts from.
    func frozenEncoder() throws -> StageStart {
        let model = sharedStages.isEmpty ? recipe.start : folder.model(of: .shared).path
        guard let model else {
            throw RecipeError.run(
                path: folder.url.path,
                problem: "its recipe has a readout and neither a stage nor 'start' that gives an encoder"
            )
        }
        var start = try StageStart(ModelFolder(path: model), for: architecture)
        // The emotion head of a model that the recipe starts from is left behind.
        for name in ["classes.weight", "classes.bias", "hidden.weight", "hidden.bias"] {
            start.weights[name] = nil
        }
        // Every frame of speech counts alike: nothing has taught the attention.
        for part in ["weight", "bias"] {
            let name = "attention.\(part)"
            start.weights[name] = start.weights[name]?.map { _ in 0 }
        }
        return start
    }

    /// Pools all corpora of the read-out by the frozen encoder.
    func readoutTrainer(_ readout: Recipe.Readout, _ start: StageStart, _ tell: (RunEvent) -> Void)
        async throws
        -> ReadoutTrainer
    {
        try OpenBLAS.load()
        guard let statistics = start.statistics else { throw untrained(.shared) }
        var random = TrainingRandom(seed: recipe.seed)
        let network = EmotionNetwork<Float>(frozenShape, random: &random)
        start.weights.copy(to: network.parameters)
        var trainer = ReadoutTrainer(
            recipe,
            readout,
            network: network,
            statistics: statistics,
            framesPerSecond: Double(features.spectrum.sampleRate) / Double(features.spectrum.hopSamples)
        )
        var sets: [ClipSet] = []
        for corpus in readout.corpora {
            let set = try await speech(corpus.name, isLabelled: corpus.label == nil, tell)
            sets.append(corpus.label.map(set.labelled) ?? set)
        }
        let faults = zip(readout.corpora, sets).map { self.faults(of: $0.name, $1, tell) }
        tellContradictions(between: faults, tell)
        try CorpusFaults.check(faults, teaches: true, "the read-out")
        for (corpus, set) in zip(readout.corpora, sets) { trainer.add(corpus, set) }
        return trainer
    }

    /// True if a clip of a corpus may teach the read-out of a part.
    func isTaught(_ part: RunPart, _ corpus: Recipe.Readout.Corpus, _ clip: Clip) -> Bool {
        switch part {
        case .shared: false
        case .release: !(recipe.release.development.contains(clip.speaker ?? ""))
        case .without(let left):
            corpus.name != left && !(recipe.release.development.contains(clip.speaker ?? ""))
        case .fold(let fold):
            readoutFolds[corpus.name].map { folds in
                fold >= folds.foldCount || folds.role(of: clip.speaker ?? "", in: fold) == .training
            } ?? true
        }
    }
}
