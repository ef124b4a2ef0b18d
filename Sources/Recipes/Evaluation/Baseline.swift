// SPDX-License-Identifier: Apache-2.0
import Corpora

/// Log-mel statistics with logistic regression: what a network has to beat.
package enum Baseline {
    /// The penalties that the development speakers choose from (scikit-learn's C).
    fileprivate static let inversePenalties = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0]

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
        let row = { (clip: Int) in
            ClipStatistics.row(
                of: set.frames(ofClip: clip, copy: 0).features,
                featureCount: set.tables[0].featureCount,
                bandCount: bandCount
            )
        }
        let inputs = training.map(row)
        let truths = training.map(set.truth)
        let fit = { (penalty: Double) in
            LogisticRegression(
                inputs: inputs,
                truths: truths,
                classCount: Emotion.allCases.count,
                inversePenalty: penalty
            )
        }
        let developmentRows = development.map(row)
        let models = inversePenalties.map(fit)
        let recalls = models.map {
            judge($0, developmentRows, truths: development.map(set.truth)).unweightedAverageRecall
        }
        let best = recalls.indices.max { recalls[$0] < recalls[$1] } ?? 0
        return judge(models[best], test.map(row), truths: test.map(set.truth))
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

    private static func judge(_ model: LogisticRegression, _ rows: [[Double]], truths: [Int])
        -> ConfusionMatrix
    {
        var matrix = ConfusionMatrix(labels: Emotion.names)
        for (row, truth) in zip(rows, truths) {
            let probabilities = model.probabilities(row)
            matrix.add(
                truth: truth,
                answer: probabilities.indices.max { probabilities[$0] < probabilities[$1] }
            )
        }
        return matrix
    }
}

/// The same for the levels of an attribute.
struct LevelBaseline {
    private let model: LogisticRegression
    private let row: (Int) -> [Double]

    /// Fits on `training`, chooses the penalty by the UAR on `development`.
    init(
        _ set: ClipSet,
        training: [Int],
        development: [Int],
        level: (Int) -> Int,
        levelCount: Int,
        bandCount: Int
    ) {
        let row = { (clip: Int) in
            ClipStatistics.row(
                of: set.frames(ofClip: clip, copy: 0).features,
                featureCount: set.tables[0].featureCount,
                bandCount: bandCount
            )
        }
        let inputs = training.map(row)
        let truths = training.map(level)
        let heard = development.map { (row: row($0), level: level($0)) }
        let models = Baseline.inversePenalties.map { penalty in
            LogisticRegression(
                inputs: inputs,
                truths: truths,
                classCount: levelCount,
                inversePenalty: penalty
            )
        }
        let recalls = models.map { model in
            var matrix = ConfusionMatrix(labels: (0..<levelCount).map(String.init))
            for (row, level) in heard {
                let probabilities = model.probabilities(row)
                matrix.add(
                    truth: level,
                    answer: probabilities.indices.max { probabilities[$0] < probabilities[$1] }
                )
            }
            return matrix.unweightedAverageRecall
        }
        model = models[recalls.indices.max { recalls[$0] < recalls[$1] } ?? 0]
        self.row = row
    }

    /// The probabilities of the levels of a clip.
    func probabilities(_ clip: Int) -> [Double] { model.probabilities(row(clip)) }
}
