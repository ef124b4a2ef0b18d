// SPDX-License-Identifier: Apache-2.0
import Corpora
import Recipes

/// The answers for one fold's test sentences.
struct Judgement: Codable, Sendable {
    /// Answers by speaker, for paired tests.
    private(set) var bySpeaker: [String: ConfusionMatrix] = [:]
    /// Other figures, by name.
    var figures: [String: Double] = [:]
    /// Figures of every epoch, by name.
    var series: [String: [Double]]?

    init() {}

    /// Answers of which only the total is known.
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
