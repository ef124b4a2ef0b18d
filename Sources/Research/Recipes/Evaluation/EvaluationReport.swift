// SPDX-License-Identifier: Apache-2.0
public import Foundation

/// The figures of one fold.
public struct FoldReport: Codable, Hashable, Sendable {
    /// The fold, counted from 0.
    public let fold: Int
    /// Tested speakers.
    public let testSpeakers: [String]
    /// Speakers that set the temperature.
    public let developmentSpeakers: [String]
    /// The UAR of the development speakers, by which settings may be chosen.
    public let developmentRecall: Double
    /// Every test clip through the streaming path.
    public let confusion: ConfusionMatrix
    /// The same, female and male speakers apart.
    public let confusionBySex: [String: ConfusionMatrix]
    /// The same, each test speaker apart.
    public let confusionBySpeaker: [String: ConfusionMatrix]
    /// The answers after each of ``EvaluationReport/momentsSeconds`` of heard speech.
    public let early: [ConfusionMatrix]
    /// Log-mel statistics with logistic regression, on the same clips.
    public let baseline: ConfusionMatrix
    /// The class that is most frequent in training, named always.
    public let majority: ConfusionMatrix
    /// The temperature that the development speakers set.
    public let temperature: Double
    /// Expected calibration error on the test clips at temperature 1 and at ``temperature``; 15 bins of equal width.
    public let calibrationErrors: [Double]
    /// Mean cross entropy of the true classes in nats, at temperature 1 and at ``temperature``.
    public let crossEntropies: [Double]
    /// The test clips by the top probability at ``temperature``.
    public let calibrationBins: [Calibration.Bin]
    /// The share of clean frames that the speech head judged as the level did.
    public let speechAccuracy: Double
    /// The share of recordings without speech in which an utterance was labelled.
    public let falseSpeech: Double
    /// The same for each selection of the recipe.
    public let falseSpeechByGroup: [String: Double]
    /// The test clips in noise, by decibels of speech over noise; empty where that was not tested.
    public let noisy: [NoisyClips]
    /// The test clips cut to their speech with 50 ms before and after it; absent in reports of older versions.
    public internal(set) var trimmed: ConfusionMatrix?

    /// The test clips at one level of noise.
    public struct NoisyClips: Codable, Hashable, Sendable {
        /// Speech over noise.
        public let decibels: Double
        /// Every test clip through the streaming path.
        public let confusion: ConfusionMatrix
    }
}

/// A corpus that no training has heard, through the shipped network.
public struct OtherCorpus: Codable, Hashable, Sendable {
    /// The corpus.
    public let corpus: String
    /// Its clips; classes that it does not have count for nothing.
    public let confusion: ConfusionMatrix
    /// The same clips if the network could only name the classes that the corpus has.
    public let sharedClasses: ConfusionMatrix
    /// All figures of its clips; absent in reports of older versions.
    public internal(set) var figures: ClipFigures?
    /// The same clips after others of the same voice; absent where that was not tested.
    public internal(set) var voices: [KnownVoice]?

    /// The figures of `judged`, and of the same clips with known voices if they were tested.
    package init(corpus: String, _ judged: JudgedClips, voices: [KnownVoice]? = nil) {
        self.corpus = corpus
        let figures = judged.figures()
        (confusion, sharedClasses) = (figures.confusion, figures.sharedClasses)
        (self.figures, self.voices) = (figures, voices)
    }
}

/// The figures of a run over all folds, written as JSON and as a table.
public struct EvaluationReport: Codable, Hashable, Sendable {
    /// Counts changes of what the file holds.
    public static let currentVersion = 2

    /// The version of the file.
    public let version: Int
    /// The recipe's name.
    public let recipe: String
    /// Seed of all random draws.
    public let seed: UInt64
    /// The judged corpus.
    public let corpus: String
    /// The number of the network's weights.
    public let parameterCount: Int
    /// Each fold.
    public let folds: [FoldReport]
    /// Seconds of heard speech of the early answers.
    public let momentsSeconds: [Double]
    /// Corpora that no training has heard.
    public let others: [OtherCorpus]
    /// Arousal and such, if the models were taught them.
    public let attributes: [AttributeReport]?
    /// The test clips of all folds together, whole; absent in reports of older versions.
    public internal(set) var pooled: ClipFigures?
    /// The same, cut to their speech.
    public internal(set) var trimmed: ClipFigures?
    /// The same, whole, after other clips of the same voice; absent where that was not tested.
    public internal(set) var voices: [KnownVoice]?

    /// All test clips of all folds together.
    public func pooled(_ matrix: (FoldReport) -> ConfusionMatrix?) -> ConfusionMatrix? {
        folds.compactMap(matrix).reduce(nil as ConfusionMatrix?) { sum, next in
            guard var sum else { return next }
            sum.add(next)
            return sum
        }
    }

    /// The report as JSON, keys sorted.
    public func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return try encoder.encode(self)
    }
}
