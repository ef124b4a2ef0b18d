// SPDX-License-Identifier: Apache-2.0
import Corpora
import EmotionEncoder
import EmotionStream
import NeuralLayers
import SpeechFeatures

/// Everything that one fold's network is asked.
struct FoldTest {
    let set: ClipSet
    let folds: FoldList
    /// Only these sentences are tested, if any are named.
    let sentences: [String]?
    /// Recordings without speech, by the names of their groups.
    let nonSpeech: [(name: String, clips: [Clip])]
    let noises: [NoiseCondition]
    /// Cuts clips to their speech.
    let trimming: TrimmedCondition

    /// Contribution of one fold to the figures of all.
    struct Outcome {
        let report: FoldReport
        let whole: JudgedClips
        let trimmed: JudgedClips
    }

    /// The figures of `model` on the test speakers of `fold`.
    func outcome(_ fold: Int, _ model: StreamModel, _ tell: (RunEvent) -> Void) async throws -> Outcome {
        let test = testClips(of: fold)
        let development = set.indices(of: folds.speakers(.development, in: fold))
        let judged = try await judged(test, in: nil, of: fold, model, tell)
        let calibrating = try await self.judged(development, in: nil, of: fold, model, tell)
        let falseSpeech = try await falseSpeech(fold, model, tell)
        let trimmed = try await self.judged(test, in: trimming, of: fold, model, tell)
        let temperature = Double(model.encoder.configuration.calibration.temperature)
        let report = FoldReport(
            fold: fold,
            testSpeakers: folds.speakers(.test, in: fold),
            developmentSpeakers: folds.speakers(.development, in: fold),
            developmentRecall: calibrating.confusion().unweightedAverageRecall,
            confusion: judged.confusion(),
            confusionBySex: judged.confusionBySex(),
            confusionBySpeaker: judged.confusionBySpeaker(),
            early: judged.early(),
            baseline: Baseline.confusion(
                set,
                training: set.indices(of: folds.speakers(.training, in: fold)),
                development: development,
                test: test,
                bandCount: model.features.featureSet.spectrum.bandCount
            ),
            majority: Baseline.majority(
                set,
                training: set.indices(of: folds.speakers(.training, in: fold)),
                test: test
            ),
            temperature: temperature,
            calibrationErrors: judged.calibrationErrors(temperature: temperature),
            crossEntropies: judged.crossEntropies(temperature: temperature),
            calibrationBins: judged.calibrationBins(),
            speechAccuracy: speechAccuracy(of: model.encoder, test),
            falseSpeech: falseSpeech.all,
            falseSpeechByGroup: falseSpeech.byGroup,
            noisy: try await noisy(test, of: fold, model, tell),
            trimmed: trimmed.confusion()
        )
        return Outcome(report: report, whole: judged, trimmed: trimmed)
    }

    /// The tested clips of `fold`.
    func testClips(of fold: Int) -> [Int] {
        set.indices(of: folds.speakers(.test, in: fold)).filter { clip in
            guard let sentences else { return true }
            return set.clips[clip].sentence.map(sentences.contains) ?? false
        }
    }

    private func judged(
        _ clips: [Int],
        in condition: (any ClipCondition)?,
        of fold: Int,
        _ model: StreamModel,
        _ tell: (RunEvent) -> Void
    ) async throws -> JudgedClips {
        let clips = clips.map { set.clips[$0] }
        let answers = try await StreamedClip.stream(clips, through: model, in: condition) { done in
            tell(.evaluating(part: RunPart.fold(fold).description, done: done, of: clips.count))
        }
        return JudgedClips(clips, answers: answers)
    }

    private func noisy(_ test: [Int], of fold: Int, _ model: StreamModel, _ tell: (RunEvent) -> Void)
        async throws
        -> [FoldReport.NoisyClips]
    {
        var reports: [FoldReport.NoisyClips] = []
        for noise in noises {
            let heard = try await judged(test, in: noise, of: fold, model, tell)
            reports.append(.init(decibels: noise.decibels, confusion: heard.confusion()))
        }
        return reports
    }

    /// The share of recordings without speech to which an emotion was given, of all and by group.
    private func falseSpeech(_ fold: Int, _ model: StreamModel, _ tell: (RunEvent) -> Void) async throws -> (
        all: Double, byGroup: [String: Double]
    ) {
        var named: [Double] = []
        var byGroup: [String: Double] = [:]
        for group in nonSpeech {
            let answers = try await StreamedClip.stream(group.clips, through: model) { done in
                tell(.evaluating(part: RunPart.fold(fold).description, done: done, of: group.clips.count))
            }
            let shares = answers.map { $0.answer == nil ? 0.0 : 1.0 }
            byGroup[group.name] = mean(shares)
            named += shares
        }
        return (mean(named), byGroup)
    }

    /// The share of embeddings of clean clips at which the speech head and the level agree.
    private func speechAccuracy(of encoder: EmotionEncoder, _ clips: [Int]) -> Double {
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
