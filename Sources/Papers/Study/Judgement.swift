// SPDX-License-Identifier: Apache-2.0
import Corpora
import Recipes

/// The answers for one fold's test sentences.
struct Judgement: Codable, Sendable {
    /// By speaker, for paired tests.
    private(set) var bySpeaker: [String: ConfusionMatrix] = [:]
    /// What else was measured, by name.
    var figures: [String: Double] = [:]
    /// Figures of every epoch, by name.
    var series: [String: [Double]]?

    init() {}

    /// Answers of which only the sum is known.
    init(_ confusion: ConfusionMatrix) { bySpeaker = ["": confusion] }

    mutating func add(_ clip: Clip, answer: Int) {
        guard let truth = clip.emotion?.rawValue else { return }
        bySpeaker[clip.speaker ?? "", default: ConfusionMatrix(labels: Emotion.names)]
            .add(truth: truth, answer: answer)
    }

    /// All answers.
    var confusion: ConfusionMatrix {
        bySpeaker.values.reduce(into: ConfusionMatrix(labels: Emotion.names)) { $0.add($1) }
    }

    var recall: Double { confusion.unweightedAverageRecall }
}

/// All folds and seeds of one variant.
struct VariantResult {
    let name: String
    /// The variant that it is compared with; the first unless named.
    let against: String?
    let folds: [Judgement]

    var recalls: [Double] { folds.map(\.recall) }

    /// UAR, macro-F1, and the gain over the variant that it is compared with, with the probability of the test over
    /// speakers.
    func cells(among results: [VariantResult]) -> [String] {
        let own = [name, spreadOf(recalls), spreadOf(folds.map(\.confusion.macroF1))]
        let reference = results.first { $0.name == against } ?? results.first
        guard let reference, reference.name != name else { return own + ["", ""] }
        let gain = mean(recalls) - mean(reference.recalls)
        let differences = differences(from: reference)
        return own + [
            (gain > 0 ? "+" : "") + figure(gain),
            differences.isEmpty ? "" : figure(PairedTest.probability(differences)),
        ]
    }

    /// What the columns mean.
    static let note =
        "Mean and deviation over folds and seeds; gain over the variant that the study names, else over the first, and p "
        + "of a two-sided sign-flip test over the test speakers."

    static let columns = ["variant", "UAR", "macro-F1", "gain", "p (speakers)"]

    /// A figure of every fold.
    func spread(of name: String) -> String {
        let values = folds.compactMap { $0.figures[name] }
        return values.isEmpty ? "" : spreadOf(values)
    }

    /// The differences of the speakers that both know.
    private func differences(from other: VariantResult) -> [Double] {
        let (ours, theirs) = (speakerRecalls, other.speakerRecalls)
        return ours.keys.sorted().compactMap { speaker in
            theirs[speaker].flatMap { other in ours[speaker].map { $0 - other } }
        }
    }

    /// The UAR of each speaker, averaged over seeds.
    private var speakerRecalls: [String: Double] {
        Dictionary(grouping: folds.flatMap { Array($0.bySpeaker) }, by: \.key)
            .mapValues { mean($0.map(\.value.unweightedAverageRecall)) }
    }
}
