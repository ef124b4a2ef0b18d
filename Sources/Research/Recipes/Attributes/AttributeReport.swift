// SPDX-License-Identifier: Apache-2.0

/// Accuracy of an attribute of one corpus, on speakers that are not in training.
public struct AttributeReport: Codable, Hashable, Sendable {
    /// The corpus.
    public let corpus: String
    /// The attribute.
    public let attribute: String
    /// Each fold.
    public let folds: [Fold]

    /// One fold's test speakers.
    public struct Fold: Codable, Hashable, Sendable {
        /// Clips with a number for the attribute.
        public let clips: Int
        /// Those in which the streaming path heard no speech; their answer is 0, the middle.
        public let silent: Int
        /// The streaming path.
        public let model: Figures
        /// Log-mel statistics with logistic regression over the levels; `nil` where labels are no levels.
        public let baseline: Figures?
    }

    /// Agreement of the answers with the truth.
    public struct Figures: Codable, Hashable, Sendable {
        /// Lin's concordance: 2 cov / (var + var + squared difference of the means).
        public let concordance: Double
        /// Pearson's correlation; 0 where one side does not vary.
        public let correlation: Double
        /// The nearest level of each answer; `nil` where labels are no levels.
        public let levels: ConfusionMatrix?
    }
}

extension AttributeReport.Figures {
    /// - Parameters:
    ///   - answers: one for each clip.
    ///   - truths: the labels, as many.
    ///   - levels: the values that labels can have, rising; empty where any number is possible.
    package init(answers: [Double], truths: [Double], levels: [Double]) {
        let (meanA, meanB) = (mean(answers), mean(truths))
        let varianceA = mean(answers.map { ($0 - meanA) * ($0 - meanA) })
        let varianceB = mean(truths.map { ($0 - meanB) * ($0 - meanB) })
        let covariance = mean(zip(answers, truths).map { ($0 - meanA) * ($1 - meanB) })
        let spread = varianceA + varianceB + (meanA - meanB) * (meanA - meanB)
        concordance = spread > 0 ? 2 * covariance / spread : 0
        let product = (varianceA * varianceB).squareRoot()
        correlation = product > 0 ? covariance / product : 0
        self.levels = levels.isEmpty ? nil : Self.matrix(answers, truths, levels)
    }

    private static func matrix(_ answers: [Double], _ truths: [Double], _ levels: [Double]) -> ConfusionMatrix
    {
        func nearest(_ value: Double) -> Int {
            levels.indices.min { abs(levels[$0] - value) < abs(levels[$1] - value) } ?? 0
        }
        var matrix = ConfusionMatrix(labels: levels.map { figure($0) })
        for (answer, truth) in zip(answers, truths) {
            matrix.add(truth: nearest(truth), answer: nearest(answer))
        }
        return matrix
    }
}

extension AttributeReport {
    /// A table of the attributes of all corpora.
    static func markdown(_ reports: [AttributeReport]) -> String {
        let header = [
            "| attribute, corpus | clips | CCC | correlation | UAR over levels | chance | baseline CCC | baseline UAR |",
            String(repeating: "|---", count: 8) + "|",
        ]
        return (header + reports.map(\.line)).joined(separator: "\n")
    }

    private var line: String {
        let levelCount = folds.first?.model.levels?.labels.count
        let cells = [
            "\(attribute), \(corpus)", "\(folds.reduce(0) { $0 + $1.clips })",
            spread { $0.model.concordance },
            spread { $0.model.correlation }, spread { $0.model.levels?.unweightedAverageRecall },
            levelCount.map { figure(1 / Double($0)) } ?? "–", spread { $0.baseline?.concordance },
            spread { $0.baseline?.levels?.unweightedAverageRecall },
        ]
        return "| " + cells.joined(separator: " | ") + " |"
    }

    private func spread(_ value: (Fold) -> Double?) -> String {
        let values = folds.compactMap(value)
        return values.isEmpty ? "–" : "\(figure(mean(values))) ± \(figure(Recipes.spread(values)))"
    }
}
