// SPDX-License-Identifier: Apache-2.0
import Corpora
public import Foundation

/// Evaluations of several recipes with several seeds, side by side; the first recipe is the one to compare with.
public struct Comparison: Sendable {
    /// The runs of one recipe, one for each seed.
    struct Group: Sendable {
        let recipe: String
        var reports: [EvaluationReport]

        /// A figure of each fold of each seed.
        func values(_ figure: (FoldReport) -> Double) -> [Double] { reports.flatMap { $0.folds.map(figure) } }

        /// True if both were tested on the same speakers in the same folds.
        func isComparable(with other: Group) -> Bool {
            guard let ours = reports.first, let theirs = other.reports.first else { return false }
            return ours.hasFolds(of: theirs)
        }

        /// The UAR of each test speaker, averaged over the seeds.
        var speakerRecalls: [String: Double] {
            let all = reports.flatMap { $0.folds.flatMap { Array($0.confusionBySpeaker) } }
            return Dictionary(grouping: all, by: \.key).mapValues {
                mean($0.map(\.value.unweightedAverageRecall))
            }
        }
    }

    let groups: [Group]
    private let listeners: CoOccurrenceMatrix?

    /// Reads `evaluation.json` of each run, in the order in which the recipes first appear.
    ///
    /// - Parameters:
    ///   - runs: the folders of the runs.
    ///   - listeners: what a confusion costs by how seldom people hear both emotions in one clip; `nil` leaves that out.
    /// - Throws: an error that names the run that was not evaluated.
    public init(runs: [URL], listeners: CoOccurrenceMatrix? = nil) throws(RecipeError) {
        self.listeners = listeners
        var groups: [Group] = []
        for run in runs {
            let report = try EvaluationReport(run: run)
            if let index = groups.firstIndex(where: { $0.recipe == report.recipe }) {
                groups[index].reports.append(report)
            } else {
                groups.append(Group(recipe: report.recipe, reports: [report]))
            }
        }
        self.groups = groups
    }

    /// A Markdown table: means and spread over folds and seeds, the gain over the first recipe, and two paired tests.
    public var markdown: String {
        var columns = [
            "recipe", "weights", "seeds", "development UAR", "UAR", "macro-F1", "precision", "after 1.5 s",
            "named neutral", "others named neutral",
        ]
        if listeners != nil { columns.append("cost of an error") }
        columns += ["UAR gain", "p (folds, seeds)", "p (speakers)"]
        let lines = [columns, columns.map { _ in "---" }] + groups.map { figures($0) + gain($0) }
        return lines.map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n") + "\n\n" + note
    }

    private func figures(_ group: Group) -> [String] {
        let neutral = Emotion.neutral.rawValue
        let figures = [
            group.recipe, "\(group.reports.first?.parameterCount ?? 0)", "\(group.reports.count)",
            spreadOf(group.values(\.developmentRecall)),
            spreadOf(group.values(\.confusion.unweightedAverageRecall)),
            spreadOf(group.values(\.confusion.macroF1)),
            spreadOf(group.values(\.confusion.macroPrecision)),
            early(group),
            spreadOf(group.values { $0.confusion.share(named: neutral) }),
            spreadOf(group.values { $0.confusion.drift(to: neutral) }),
        ]
        guard let listeners else { return figures }
        return figures + [spreadOf(group.values { $0.confusion.meanCostOfErrors(listeners.penalties) ?? 0 })]
    }

    private var note: String {
        """
        Mean ± standard deviation over folds and seeds, test speakers never trained on. Named neutral: the share of all answers; \
        others named neutral: the share of the clips of other classes.\(costs) p: two-sided sign-flip permutation \
        test of the UAR against \(groups.first?.recipe ?? ""), once over the pairs of fold and seed that both have, once over \
        the test speakers with their UAR averaged over seeds. Seeds of one fold share speakers, so the second is the one \
        to trust.

        """
    }

    private var costs: String {
        listeners == nil
            ? ""
            : " Cost of an error: 0 if all listeners who hear the one emotion hear the other too, 1 if none does."
    }

    private func early(_ group: Group) -> String {
        guard let index = group.reports.first?.momentsSeconds.firstIndex(of: 1.5) else { return "–" }
        return spreadOf(group.values { $0.early[index].unweightedAverageRecall })
    }

    private func gain(_ group: Group) -> [String] {
        guard let first = groups.first, group.recipe != first.recipe, group.isComparable(with: first) else {
            return ["", "", ""]
        }
        let folds = paired(group, first)
        let (ours, theirs) = (group.speakerRecalls, first.speakerRecalls)
        let speakers = ours.keys.sorted().compactMap { name in
            theirs[name].flatMap { other in ours[name].map { $0 - other } }
        }
        let difference =
            mean(group.values(\.confusion.unweightedAverageRecall))
            - mean(first.values(\.confusion.unweightedAverageRecall))
        return [
            (difference > 0 ? "+" : "") + figure(difference), figure(PairedTest.probability(folds)),
            figure(PairedTest.probability(speakers)),
        ]
    }

    /// Differences of UAR of the same fold and seed.
    private func paired(_ group: Group, _ other: Group) -> [Double] {
        group.reports.flatMap { report in
            guard let counterpart = other.reports.first(where: { $0.seed == report.seed }) else {
                return [Double]()
            }
            return zip(report.folds, counterpart.folds).map {
                $0.confusion.unweightedAverageRecall - $1.confusion.unweightedAverageRecall
            }
        }
    }

    private func spreadOf(_ values: [Double]) -> String {
        "\(figure(mean(values))) ± \(figure(spread(values)))"
    }
}

extension EvaluationReport {
    /// The report that `evaluate` wrote in the folder of a run.
    public init(run: URL) throws(RecipeError) {
        let file = run.appending(path: "evaluation.json")
        guard let data = try? Data(contentsOf: file) else {
            throw .run(path: run.path, problem: "it has no evaluation.json; run evaluate first")
        }
        do {
            self = try JSONDecoder().decode(EvaluationReport.self, from: data)
        } catch {
            throw .run(
                path: file.path,
                problem: "it is damaged or of another version; run evaluate again"
            )
        }
    }

    fileprivate func hasFolds(of other: EvaluationReport) -> Bool {
        corpus == other.corpus && folds.map(\.testSpeakers) == other.folds.map(\.testSpeakers)
    }
}
