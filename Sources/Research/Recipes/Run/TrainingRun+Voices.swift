// SPDX-License-Identifier: Apache-2.0
import Corpora
import EmotionEncoder
import Foundation
import ModelBundle

extension TrainingRun {
    /// Judges the read-outs on unknown and known voices, and writes `voices.json` and `voices.md`.
    ///
    /// Corpora with folds by speakers left out, those of `leftOut` by the read-out that never met them, the others by the
    /// shipped one.
    public func evaluateVoices(_ tell: (RunEvent) -> Void) async throws -> VoiceReport {
        guard let readout = recipe.readout, let evaluation = recipe.evaluation else {
            throw RecipeError.run(
                path: folder.url.path,
                problem: "its recipe has no readout that is evaluated"
            )
        }
        let trainer = try await readoutTrainer(readout, try frozenEncoder(), tell)
        var corpora: [VoiceReport.Corpus] = []
        for (index, corpus) in readout.corpora.enumerated() {
            let pooled = trainer.pooled[index][0]
            if let folds = readoutFolds[corpus.name] {
                let tested = (0..<min(folds.foldCount, foldCount)).map {
                    pooled.clips.places(of: folds.speakers(.test, in: $0))
                }
                let parts = tested.indices.map(RunPart.fold)
                let voices = try voices(pooled, parts, tested: tested, readout)
                corpora.append(.init(name: corpus.name, kind: .speakersLeftOut, voices: voices))
            }
            if (evaluation.leftOut ?? []).contains(corpus.name) {
                let voices = try voices(
                    pooled,
                    [.without(corpus.name)],
                    tested: [Array(pooled.clips.indices)],
                    readout
                )
                corpora.append(.init(name: corpus.name, kind: .corpusLeftOut, voices: voices))
            }
        }
        for name in evaluation.others ?? [] {
            let pooled = trainer.pool(try await emotional(name, tell), copy: 0)
            let voices = try voices(pooled, [.release], tested: [Array(pooled.clips.indices)], readout)
            corpora.append(.init(name: name, kind: .unseen, voices: voices))
        }
        let report = VoiceReport(recipe: recipe.name, seed: recipe.seed, corpora: corpora)
        try folder.write(report.json(), to: "voices.json")
        try folder.write(Data(report.markdown.utf8), to: "voices.md")
        return report
    }

    /// Every condition of one corpus; each part judges its tested clips.
    private func voices(
        _ pooled: PooledClips,
        _ parts: [RunPart],
        tested: [[Int]],
        _ readout: Recipe.Readout
    ) throws
        -> [KnownVoice]
    {
        let fits = try parts.map { try fit(of: $0, readout) }
        let test = VoiceTest(pooled.clips, folds: tested, seed: recipe.seed)
        let conditions = readout.voice == nil ? [VoiceCondition(.mixed, 0)] : VoiceCondition.all
        return test.report(conditions) { fold in
            { clip, earlier in
                fits[fold].probabilities(pooled, clip: clip, view: pooled.viewCount - 1, earlier: earlier)
            }
        }
    }

    /// The read-out in a part's model.
    private func fit(of part: RunPart, _ readout: Recipe.Readout) throws -> ReadoutTrainer.Fit {
        guard folder.hasModel(of: part) else { throw untrained(part) }
        let model = try ModelFolder(path: folder.model(of: part).path)
        let configuration = try model.decodeConfiguration(as: ModelConfiguration.self)
        let size = architecture.pooledCount
        let places = configuration.labels.compactMap { Emotion(word: $0)?.rawValue }
        let units = recipe.network.hiddenCount
        let width = units > 0 ? units : size
        let rows = try model.tensors.floats(of: "classes.weight", shape: [places.count, width])
        let biases = try model.tensors.floats(of: "classes.bias", shape: [places.count])
        // A class that the model lacks is never named.
        var weight = Array(repeating: Float(0), count: Emotion.allCases.count * width)
        var bias = Array(repeating: -Float.greatestFiniteMagnitude / 2, count: Emotion.allCases.count)
        for (row, place) in places.enumerated() {
            weight.replaceSubrange(
                place * width..<(place + 1) * width,
                with: rows[row * width..<(row + 1) * width]
            )
            bias[place] = biases[row]
        }
        var head = ReadoutHead(weight: weight, bias: bias)
        if units > 0 {
            head.hidden = (
                try model.tensors.floats(of: "hidden.weight", shape: [units, size]),
                try model.tensors.floats(of: "hidden.bias", shape: [units])
            )
        }
        return ReadoutTrainer.Fit(
            shrinkage: VoiceShrinkage(
                mean: try model.tensors.floats(of: "pool.mean", shape: [size]),
                deviation: try model.tensors.floats(of: "pool.deviation", shape: [size]),
                priorMean: readout.voice?.priorMean ?? 1,
                priorDeviation: readout.voice?.priorDeviation ?? 1
            ),
            temperature: configuration.calibration.temperature,
            head: head
        )
    }
}
