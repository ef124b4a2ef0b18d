// SPDX-License-Identifier: Apache-2.0
import Corpora

/// The figures of some clips in one condition.
public struct ClipFigures: Codable, Hashable, Sendable {
    /// All answers, whatever classes the clips have.
    public let confusion: ConfusionMatrix
    /// The same if only the classes that the corpus has could be named.
    public let sharedClasses: ConfusionMatrix
    /// Female (`F`) and male (`M`) speakers apart, where the corpus states the sex.
    public let bySex: [String: ConfusionMatrix]
    /// Groups of age apart, where the corpus states the age.
    public let byAge: [String: ConfusionMatrix]
    /// Calibration of the probabilities.
    public let calibration: PooledCalibration
    /// Errors that remain if unsure answers are withheld.
    public let risk: RiskCoverage
}

extension JudgedClips {
    /// All figures of these clips together.
    package func figures() -> ClipFigures {
        let tops = answers.map { $0.answer == nil ? 0 : $0.probabilities.max() ?? 0 }
        let isRight = zip(answers, truths).map { $0.answer == $1 }
        let named = answers.indices.filter { answers[$0].answer != nil }
        return ClipFigures(
            confusion: confusion(),
            sharedClasses: confusionOfSharedClasses(),
            bySex: confusionBySex(),
            byAge: confusions { $0.age.map(AgeGroup.name) },
            calibration: PooledCalibration(
                confidences: named.map { tops[$0] },
                isRight: named.map { isRight[$0] }
            ),
            risk: RiskCoverage(confidences: tops, isRight: isRight)
        )
    }
}
