// SPDX-License-Identifier: Apache-2.0
import Corpora
import EmotionEncoder
import EmotionStream
import Foundation
import ModelBundle
import NeuralLayers
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
                problem: "its recipe has no evaluation: it tests nobody"
            )
        }
        let models = try (0..<folds.foldCount).map { try self.model(of: .fold($0)) }
        let set = try await emotional(judged.corpus, tell)
        let nonSpeech = try library.clips(judged.nonSpeech)
        var reports: [FoldReport] = []
        for (fold, model) in models.enumerated() {
            reports.append(try await evaluate(fold, of: folds, model, set, nonSpeech, tell))
        }
        let report = EvaluationReport(
            version: EvaluationReport.currentVersion,
            recipe: recipe.name,
            seed: recipe.seed,
            corpus: judged.corpus,
            parameterCount: models.first?.encoder.parameterCount ?? 0,
            folds: reports,
            momentsSeconds: StreamedClip.momentsSeconds
        )
        try folder.write(report.json(), to: "evaluation.json")
        try folder.write(Data(report.markdown.utf8), to: "evaluation.md")
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

    private func evaluate(
        _ fold: Int,
        of folds: FoldList,
        _ model: StreamModel,
        _ set: ClipSet,
        _ nonSpeech: [Clip],
        _ tell: (RunEvent) -> Void
    ) async throws -> FoldReport {
        let test = set.indices(of: folds.speakers(.test, in: fold))
        let training = set.indices(of: folds.speakers(.training, in: fold))
        let development = set.indices(of: folds.speakers(.development, in: fold))
        let all = test.map { set.clips[$0] } + nonSpeech
        let answers = try await StreamedClip.stream(all, through: model) { done in
            tell(.evaluating(part: RunPart.fold(fold).description, done: done, of: all.count))
        }
        let judged = JudgedClips(set: set, clips: test, answers: Array(answers.prefix(test.count)))
        let temperature = Double(model.encoder.configuration.calibration.temperature)
        let bands = model.features.featureSet.spectrum.bandCount
        return FoldReport(
            fold: fold,
            testSpeakers: folds.speakers(.test, in: fold),
            developmentSpeakers: folds.speakers(.development, in: fold),
            confusion: judged.confusion(),
            confusionBySex: judged.confusionBySex(),
            confusionBySpeaker: judged.confusionBySpeaker(),
            early: judged.early(),
            baseline: Baseline.confusion(
                set,
                training: training,
                development: development,
                test: test,
                bandCount: bands
            ),
            majority: Baseline.majority(set, training: training, test: test),
            temperature: temperature,
            calibrationErrors: judged.calibrationErrors(temperature: temperature),
            crossEntropies: judged.crossEntropies(temperature: temperature),
            calibrationBins: judged.calibrationBins(),
            speechAccuracy: speechAccuracy(of: model.encoder, set, test),
            falseSpeech: mean(answers.suffix(nonSpeech.count).map { $0.answer == nil ? 0 : 1 })
        )
    }

    /// The share of embeddings of clean clips at which the speech head and the level agree.
    private func speechAccuracy(of encoder: EmotionEncoder, _ set: ClipSet, _ clips: [Int]) -> Double {
        let stride = encoder.geometry.stride
        var right = 0
        var all = 0
        for clip in clips {
            let frames = set.frames(ofClip: clip, copy: 0)
            for (index, probability) in encoder.forward(frames.features).speechProbabilities.enumerated() {
                right += (probability > 0.5) == frames.isSpeech[index * stride] ? 1 : 0
                all += 1
            }
        }
        return Double(right) / Double(max(1, all))
    }
}
