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
