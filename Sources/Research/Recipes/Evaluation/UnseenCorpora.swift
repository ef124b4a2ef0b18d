// SPDX-License-Identifier: Apache-2.0
public import Foundation

/// Corpora that no training has used, from one run or from several that left out one corpus each.
///
/// Leaving one corpus out takes a run for each: its recipe trains on all corpora but one and names that one in
/// `evaluation.others`. Every corpus counts once in the mean, with the average over the runs that name it.
public struct UnseenCorpora: Sendable {
    private let corpora: [(run: String, other: OtherCorpus)]

    /// - Parameter reports: of one kind of model, such as the runs that leave out one corpus each.
    public init(_ reports: [EvaluationReport]) {
        corpora = reports.flatMap { report in report.others.map { (report.recipe, $0) } }
    }

    /// Reads `evaluation.json` of each run.
    ///
    /// - Throws: an error that names a run that was not evaluated, or the first run if none names such a corpus.
    public init(runs: [URL]) throws(RecipeError) {
        var reports: [EvaluationReport] = []
        for run in runs { reports.append(try EvaluationReport(run: run)) }
        self.init(reports)
        if corpora.isEmpty {
            throw .run(
                path: runs.first?.path ?? "",
                problem:
                    "its evaluation names no corpus that training has not used; list one in evaluation.others"
            )
        }
    }

    /// A Markdown table: each corpus, then the means over the corpora, for unknown voices and for each known one.
    public var markdown: String {
        let header = [
            "| condition | corpus never trained on | recipe | UAR | among its classes | calibration error |",
            "|---|---|---|---|---|---|",
        ]
        let blocks = conditions.flatMap { name, figures in
            rows(name, figures) + [meanRow(name, figures)]
        }
        return (header + blocks).joined(separator: "\n") + "\n"
    }

    private typealias Figures = (ClipFigures?, confusion: ConfusionMatrix, shared: ConfusionMatrix)

    private func rows(_ name: String, _ figures: (OtherCorpus) -> Figures?) -> [String] {
        corpora.compactMap { run, other in
            guard let (all, confusion, shared) = figures(other) else { return nil }
            let cells = [
                name, other.corpus, run, figure(confusion.unweightedAverageRecall),
                figure(shared.unweightedAverageRecall), figure(all?.calibration.error ?? .nan),
            ]
            return "| " + cells.joined(separator: " | ") + " |"
        }
    }

    private func meanRow(_ name: String, _ figures: (OtherCorpus) -> Figures?) -> String {
        let names = Set(corpora.map(\.other.corpus)).sorted()
        func average(_ value: (Figures) -> Double?) -> String {
            let each = names.map { corpus in
                mean(
                    corpora.filter { $0.other.corpus == corpus }.compactMap {
                        figures($0.other).flatMap(value)
                    }
                )
            }
            return figure(mean(each))
        }
        let cells = [
            "**\(name)**", "**mean of \(names.count) corpora**", "",
            average { $0.confusion.unweightedAverageRecall }, average { $0.shared.unweightedAverageRecall },
            average { $0.0?.calibration.error },
        ]
        return "| " + cells.joined(separator: " | ") + " |"
    }

    /// The unknown voice, then each known one that every corpus was tested with.
    private var conditions: [(String, (OtherCorpus) -> Figures?)] {
        let known = (corpora.first?.other.voices ?? []).map(\.condition).filter { condition in
            condition.count > 0
                && corpora.allSatisfy { $0.other.voices?.contains { $0.condition == condition } ?? false }
        }
        return [("unknown voice", { ($0.figures, $0.confusion, $0.sharedClasses) })]
            + known.map { condition in
                (
                    condition.name,
                    { other in
                        other.voices?.first { $0.condition == condition }.map {
                            ($0.figures, $0.figures.confusion, $0.figures.sharedClasses)
                        }
                    }
                )
            }
    }
}
