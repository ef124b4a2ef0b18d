// SPDX-License-Identifier: Apache-2.0
import Corpora

/// The baselines of the emotions, which a network must beat.
package enum Baseline {
    /// Fits on `training`, chooses the penalty on `development`, answers for `test`.
    ///
    /// - Parameters:
    ///   - set: the clips, of which the clean frames are used.
    ///   - bandCount: the log-mel bands, the first columns of a frame.
    package static func confusion(
        _ set: ClipSet,
        training: [Int],
        development: [Int],
        test: [Int],
        bandCount: Int
    ) -> ConfusionMatrix {
        let classifier = StatisticsClassifier(
            set,
            training: training,
            development: development,
            classCount: Emotion.allCases.count,
            bandCount: bandCount,
            truth: set.truth
        )
        var matrix = ConfusionMatrix(labels: Emotion.names)
        for clip in test { matrix.add(truth: set.truth(clip), answer: classifier.answer(to: clip)) }
        return matrix
    }

    /// Names the most frequent class of `training` for each clip of `test`.
    package static func majority(_ set: ClipSet, training: [Int], test: [Int]) -> ConfusionMatrix {
        var counts = Array(repeating: 0, count: Emotion.allCases.count)
        for clip in training { counts[set.truth(clip)] += 1 }
        let answer = counts.indices.max { counts[$0] < counts[$1] } ?? 0
        var matrix = ConfusionMatrix(labels: Emotion.names)
        for clip in test { matrix.add(truth: set.truth(clip), answer: answer) }
        return matrix
    }
}

/// Log-mel statistics with logistic regression, for classes of any kind.
struct StatisticsClassifier {
    /// The penalties that the development speakers choose from (scikit-learn's C).
    private static let inversePenalties = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0]

    private let model: LogisticRegression
    private let row: (Int) -> [Double]

    /// Fits on `training`, chooses the penalty by the UAR on `development`.
    ///
    /// - Parameter truth: the class of a clip, below `classCount`.
    init(
        _ set: ClipSet,
        training: [Int],
        development: [Int],
        classCount: Int,
        bandCount: Int,
        truth: (Int) -> Int
    ) {
        let row = { (clip: Int) in
            ClipStatistics.row(
                of: set.frames(ofClip: clip, copy: 0).features,
                featureCount: set.tables[0].featureCount,
                bandCount: bandCount
            )
        }
        let inputs = training.map(row)
        let truths = training.map(truth)
        let models = Self.inversePenalties.map { penalty in
            LogisticRegression(
                inputs: inputs,
                truths: truths,
                classCount: classCount,
                inversePenalty: penalty
            )
        }
        let heard = development.map { (row: row($0), truth: truth($0)) }
        let recalls = models.map { model in
            var matrix = ConfusionMatrix(labels: (0..<classCount).map(String.init))
            for (row, truth) in heard { matrix.add(truth: truth, answer: Self.top(model.probabilities(row))) }
            return matrix.unweightedAverageRecall
        }
        model = models[recalls.indices.max { recalls[$0] < recalls[$1] } ?? 0]
        self.row = row
    }

    /// The probabilities of the classes of a clip.
    func probabilities(_ clip: Int) -> [Double] { model.probabilities(row(clip)) }

    /// The most probable class of a clip.
    func answer(to clip: Int) -> Int? { Self.top(probabilities(clip)) }

    private static func top(_ probabilities: [Double]) -> Int? {
        probabilities.indices.max { probabilities[$0] < probabilities[$1] }
    }
}
