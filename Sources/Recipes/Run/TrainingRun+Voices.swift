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
        let usesVoice = readout.voice != nil
        var corpora: [VoiceReport.Corpus] = []
        for (index, corpus) in readout.corpora.enumerated() {
            let test = VoiceTest(trainer.pooled[index][0], seed: recipe.seed)
            if let folds = readoutFolds[corpus.name] {
                let parts = try (0..<min(folds.foldCount, foldCount)).map { fold in
                    (
                        try fit(of: .fold(fold), readout),
                        test.pooled.indices(of: folds.speakers(.test, in: fold))
                    )
                }
                corpora.append(
                    .init(
                        name: corpus.name,
                        kind: "speakers left out",
                        figures: test.figures(parts, usesVoice: usesVoice)
                    )
                )
            }
            if (evaluation.leftOut ?? []).contains(corpus.name) {
                let parts = [(try fit(of: .without(corpus.name), readout), Array(test.pooled.clips.indices))]
                corpora.append(
                    .init(
                        name: corpus.name,
                        kind: "left out",
                        figures: test.figures(parts, usesVoice: usesVoice)
                    )
                )
            }
        }
        for name in evaluation.others ?? [] {
            let test = VoiceTest(trainer.pool(try await emotional(name, tell), copy: 0), seed: recipe.seed)
            let parts = [(try fit(of: .release, readout), Array(test.pooled.clips.indices))]
            corpora.append(
                .init(
                    name: name,
                    kind: "never trained on",
                    figures: test.figures(parts, usesVoice: usesVoice)
                )
            )
        }
        let report = VoiceReport(recipe: recipe.name, seed: recipe.seed, corpora: corpora)
        try folder.write(report.json(), to: "voices.json")
        try folder.write(Data(report.markdown.utf8), to: "voices.md")
        return report
    }

    /// The read-out in a part's model.
    private func fit(of part: RunPart, _ readout: Recipe.Readout) throws -> ReadoutTrainer.Fit {
        guard folder.hasModel(of: part) else { throw untrained(part) }
        let model = try ModelFolder(path: folder.model(of: part).path)
        let (size, classes) = (architecture.pooledCount, Emotion.allCases.count)
        return ReadoutTrainer.Fit(
            shrinkage: VoiceShrinkage(
                mean: try model.tensors.floats(of: "pool.mean", shape: [size]),
                deviation: try model.tensors.floats(of: "pool.deviation", shape: [size]),
                priorMean: readout.voice?.priorMean ?? 1,
                priorDeviation: readout.voice?.priorDeviation ?? 1
            ),
            regression: MaskedRegression(
                weight: try model.tensors.floats(of: "classes.weight", shape: [classes, size]),
                bias: try model.tensors.floats(of: "classes.bias", shape: [classes])
            )
        )
    }
}

extension PooledClips {
    /// The places of the clips whose speaker is among `speakers`.
    fileprivate func indices(of speakers: [String]) -> [Int] {
        let wanted = Set(speakers)
        return clips.indices.filter { clips[$0].speaker.map(wanted.contains) ?? false }
    }
}
