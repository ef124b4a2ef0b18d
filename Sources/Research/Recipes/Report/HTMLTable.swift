// SPDX-License-Identifier: Apache-2.0

/// Tables of a report's page.
enum HTMLTable {
    static func table(_ header: [String], _ rows: [[String]]) -> Markup {
        let head = Markup("tr", [:], header.map { .words("th", $0) })
        return Markup(
            "table",
            [:],
            [Markup("thead", [:], [head])]
                + [Markup("tbody", [:], rows.map { Markup("tr", [:], $0.map { .words("td", $0) }) })]
        )
    }

    /// Shares of each class's clips, the darker the more; rows are what was spoken.
    static func confusion(_ matrix: ConfusionMatrix) -> Markup {
        let header = ["spoken ↓ named →"] + matrix.labels + ["none", "clips"]
        let head = Markup("tr", [:], header.map { .words("th", $0) })
        let rows = matrix.labels.indices.map { truth in
            let support = matrix.support(of: truth)
            let cells = (matrix.counts[truth] + [matrix.unnamed[truth]]).map { count in
                cell(Double(count) / Double(max(1, support)))
            }
            return Markup(
                "tr",
                [:],
                [.words("th", matrix.labels[truth])] + cells + [.words("td", "\(support)")]
            )
        }
        return Markup("table", [:], [Markup("thead", [:], [head]), Markup("tbody", [:], rows)])
    }

    private static func cell(_ share: Double) -> Markup {
        let strength = Int((share * 70).rounded())
        let style = "background: color-mix(in srgb, \(Plot.colour(0)) \(strength)%, transparent)"
        return .words("td", ["style": style], share == 0 ? "" : figure(share))
    }

    /// Each fold on a line, then all classes.
    static func folds(_ report: EvaluationReport) -> [Markup] {
        let header = [
            "fold", "test speakers", "development speakers", "UAR", "macro-F1", "development UAR",
            "baseline UAR",
            "female", "male", "temperature", "ECE before", "ECE after", "cross entropy", "false speech",
        ]
        let rows = report.folds.map { fold -> [String] in
            let sexes = ["F", "M"].map { figure(fold.confusionBySex[$0]?.unweightedAverageRecall ?? .nan) }
            return [
                "\(fold.fold)", fold.testSpeakers.joined(separator: " "),
                fold.developmentSpeakers.joined(separator: " "),
                figure(fold.confusion.unweightedAverageRecall),
                figure(fold.confusion.macroF1), figure(fold.developmentRecall),
                figure(fold.baseline.unweightedAverageRecall),
            ] + sexes + [figure(fold.temperature)] + fold.calibrationErrors.map(figure)
                + [figure(fold.crossEntropies.last ?? .nan), figure(fold.falseSpeech)]
        }
        guard let all = report.pooled({ $0.confusion }) else { return [table(header, rows)] }
        let classes = all.labels.indices.map { label in
            [all.labels[label], "\(all.support(of: label))"]
                + [all.precision(of: label), all.recall(of: label), all.f1(of: label)].map {
                    $0.map(figure) ?? "–"
                }
        }
        return [table(header, rows), .words("h2", "Classes")]
            + [table(["class", "clips", "precision", "recall", "F1"], classes)]
    }
}
