// SPDX-License-Identifier: Apache-2.0
import Corpora
import EmotionStream
import SpeechFeatures

/// The clips of one corpus that have a number for one attribute, and who is tested on them when.
struct AttributeTest {
    /// More different labels than this are no levels.
    private static let mostLevels = 7

    private let corpus: String
    private let attribute: Attribute
    private let set: ClipSet
    private let folds: FoldList
    private let levels: [Double]

    /// `nil` if no clip of the corpus has the attribute.
    init?(corpus: String, attribute: Attribute, set: ClipSet, folds: FoldList) {
        let values = Set(set.clips.compactMap { $0.attributes[attribute] })
        guard !values.isEmpty else { return nil }
        (self.corpus, self.attribute, self.set, self.folds) = (corpus, attribute, set, folds)
        levels = values.count <= Self.mostLevels ? values.sorted() : []
    }

    /// - Parameter models: one for each fold, all of which have the attribute.
    func report(_ models: [StreamModel], _ tell: (RunEvent) -> Void) async throws -> AttributeReport {
        var reports: [AttributeReport.Fold] = []
        for (fold, model) in models.enumerated() { reports.append(try await report(fold, model, tell)) }
        return AttributeReport(corpus: corpus, attribute: attribute.rawValue, folds: reports)
    }

    private func report(_ fold: Int, _ model: StreamModel, _ tell: (RunEvent) -> Void) async throws
        -> AttributeReport.Fold
    {
        let test = labelled(.test, in: fold)
        let index = model.attributes.firstIndex(of: attribute.rawValue) ?? 0
        let answers = try await StreamedClip.stream(test.map { set.clips[$0] }, through: model) { done in
            tell(.evaluating(part: RunPart.fold(fold).description, done: done, of: test.count))
        }
        return AttributeReport.Fold(
            clips: test.count,
            silent: answers.count { $0.heardSeconds == 0 },
            model: AttributeReport.Figures(
                answers: answers.map { $0.attributes[index] },
                truths: test.map(truth),
                levels: levels
            ),
            baseline: levels.isEmpty ? nil : baseline(fold, test, model)
        )
    }

    private func labelled(_ role: FoldList.Role, in fold: Int) -> [Int] {
        set.indices(of: folds.speakers(role, in: fold)).filter { set.clips[$0].attributes[attribute] != nil }
    }

    private func truth(_ clip: Int) -> Double { set.clips[clip].attributes[attribute] ?? 0 }

    /// Its number is the mean of the levels by their probabilities; its level is the most probable one.
    private func baseline(_ fold: Int, _ test: [Int], _ model: StreamModel) -> AttributeReport.Figures {
        let baseline = StatisticsClassifier(
            set,
            training: labelled(.training, in: fold),
            development: labelled(.development, in: fold),
            classCount: levels.count,
            bandCount: model.features.featureSet.spectrum.bandCount,
            truth: { clip in levels.firstIndex(of: truth(clip)) ?? 0 }
        )
        let probabilities = test.map(baseline.probabilities)
        let numbers = probabilities.map { zip($0, levels).reduce(0) { $0 + $1.0 * $1.1 } }
        let named = probabilities.map { row in levels[row.indices.max { row[$0] < row[$1] } ?? 0] }
        let truths = test.map(truth)
        let figures = AttributeReport.Figures(answers: numbers, truths: truths, levels: [])
        return AttributeReport.Figures(
            concordance: figures.concordance,
            correlation: figures.correlation,
            levels: AttributeReport.Figures(answers: named, truths: truths, levels: levels).levels
        )
    }
}

extension TrainingRun {
    /// Tests the attributes that the models of the folds have, on the judged corpus and those of the recipe; `nil` if they
    /// have none.
    func attributeReports(_ models: [StreamModel], _ tell: (RunEvent) -> Void) async throws
        -> [AttributeReport]?
    {
        guard let judged = recipe.evaluation, let folds, !recipe.attributes.isEmpty else { return nil }
        let lists = [judged.corpus: folds].merging(attributeFolds) { first, _ in first }
        var reports: [AttributeReport] = []
        for corpus in [judged.corpus] + (judged.attributes ?? []).map(\.corpus) {
            guard let list = lists[corpus] else { continue }
            let set = try await speech(corpus, isLabelled: true, attributes: recipe.attributes, tell)
            for attribute in recipe.attributes
            where models.allSatisfy({ $0.attributes.contains(attribute.rawValue) }) {
                let test = AttributeTest(corpus: corpus, attribute: attribute, set: set, folds: list)
                if let test { reports.append(try await test.report(models, tell)) }
            }
        }
        return reports.isEmpty ? nil : reports
    }
}
