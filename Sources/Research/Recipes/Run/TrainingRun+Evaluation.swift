// SPDX-License-Identifier: Apache-2.0
import Corpora
import EmotionEncoder
import EmotionStream
import Foundation
import ModelBundle
import SpeechFeatures

extension TrainingRun {
    /// Tests every fold's model on the speakers it has never heard, and writes `evaluation.json` and `evaluation.md`.
    ///
    /// Every clip goes whole through the true streaming path, silence included; baselines see the same clips.
    /// - Throws: an error that names the fold that has no model yet.
    public func evaluate(_ tell: (RunEvent) -> Void) async throws -> EvaluationReport {
        guard let judged = recipe.evaluation, let folds else {
            throw RecipeError.run(
                path: folder.url.path,
                problem: "its recipe has no section 'evaluation'"
            )
        }
        let models = try (0..<folds.foldCount).map { try self.model(of: .fold($0)) }
        let test = FoldTest(
            set: try await emotional(judged.corpus, tell),
            folds: folds,
            sentences: judged.testSentences,
            nonSpeech: try judged.nonSpeech.map { ($0.name, try library.clips([$0])) },
            noises: try noiseConditions(judged),
            trimming: TrimmedCondition(marker: recipe.speech)
        )
        var outcomes: [FoldTest.Outcome] = []
        for (fold, model) in models.enumerated() {
            outcomes.append(try await test.outcome(fold, model, tell))
        }
        let report = EvaluationReport(
            version: EvaluationReport.currentVersion,
            recipe: recipe.name,
            seed: recipe.seed,
            corpus: judged.corpus,
            parameterCount: models.first?.encoder.parameterCount ?? 0,
            folds: outcomes.map(\.report),
            momentsSeconds: StreamedClip.momentsSeconds,
            others: try await others(judged.others ?? [], tell),
            attributes: try await attributeReports(models, tell),
            pooled: JudgedClips(pooling: outcomes.map(\.whole)).figures(),
            trimmed: JudgedClips(pooling: outcomes.map(\.trimmed)).figures(),
            voices: try await voices(
                VoiceStream(
                    clips: test.set.clips,
                    folds: models.enumerated().map { (test.testClips(of: $0), $1) }
                ),
                part: judged.corpus,
                tell
            )
        )
        try folder.write(report.json(), to: "evaluation.json")
        try folder.write(Data(report.markdown.utf8), to: "evaluation.md")
        try folder.write(Data(testedInputs.text.utf8), to: "tested.txt")
        return report
    }

    /// The trained model of a part.
    func model(of part: RunPart) throws -> StreamModel {
        guard folder.hasModel(of: part) else { throw untrained(part) }
        return try StreamModel(ModelFolder(path: folder.model(of: part).path))
    }

    func untrained(_ part: RunPart) -> RecipeError {
        .run(path: folder.url.path, problem: "\(part) is not trained yet; run train first")
    }

    private func noiseConditions(_ judged: Recipe.Evaluation) throws -> [NoiseCondition] {
        guard let noise = judged.noise else { return [] }
        let bank = try library.noiseBank(library.clips(noise.recordings))
        return noise.decibels.map { NoiseCondition(decibels: $0, bank: bank, marker: recipe.speech) }
    }

    /// Corpora that no training has heard, through the shipped network.
    private func others(_ corpora: [String], _ tell: (RunEvent) -> Void) async throws -> [OtherCorpus] {
        var reports: [OtherCorpus] = []
        for corpus in corpora {
            let clips = try library.emotionalClips(of: corpus)
            let answers = try await StreamedClip.stream(clips, through: model(of: .release)) { done in
                tell(.evaluating(part: corpus, done: done, of: clips.count))
            }
            let voices = try await voices(
                VoiceStream(clips: clips, folds: [(Array(clips.indices), model(of: .release))]),
                part: corpus,
                tell
            )
            let judged = JudgedClips(clips, answers: answers)
            reports.append(OtherCorpus(corpus: corpus, judged, voices: voices))
        }
        return reports
    }

    /// Clips after others of the same voice, if the recipe asks for that.
    private func voices(_ stream: VoiceStream, part: String, _ tell: (RunEvent) -> Void) async throws
        -> [KnownVoice]?
    {
        guard let conditions = recipe.evaluation?.voices else { return nil }
        return try await stream.report(conditions) { done, all in
            tell(.evaluating(part: part, done: done, of: all))
        }
    }
}
