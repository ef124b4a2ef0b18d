// SPDX-License-Identifier: Apache-2.0
public import Foundation

/// Read-outs of several recipes with several seeds, on unknown and known voices, side by side; the first recipe is the one to
/// compare with.
public struct VoiceComparison: Sendable {
    /// Runs of one recipe, one for each seed.
    private struct Group {
        let recipe: String
        var reports: [VoiceReport]

        /// UAR of each fold of each seed.
        func recalls(_ corpus: String, _ condition: VoiceCondition) -> [Double] {
            reports.flatMap { $0.recalls(corpus, condition) }
        }
    }

    private let groups: [Group]

    private static let conditions = [
        VoiceCondition(.mixed, 0), VoiceCondition(.mostlyNeutral, 8), VoiceCondition(.mixed, 20),
    ]

    /// Reads `voices.json` of each run, in the order in which the recipes first appear.
    ///
    /// - Parameter runs: the folders of the runs.
    /// - Throws: an error that names the run that was not evaluated.
    public init(runs: [URL]) throws(RecipeError) {
        var groups: [Group] = []
        for run in runs {
            let report = try VoiceReport(run: run)
            if let index = groups.firstIndex(where: { $0.recipe == report.recipe }) {
                groups[index].reports.append(report)
            } else {
                groups.append(Group(recipe: report.recipe, reports: [report]))
            }
        }
        self.groups = groups
    }

    /// A Markdown table for each corpus of the first run: mean and spread over folds and seeds, gain over the first recipe.
    public var markdown: String {
        (groups.first?.reports.first?.corpora ?? []).map { table($0.name) }.joined(separator: "\n") + "\n"
            + note
    }

    private func table(_ corpus: String) -> String {
        let header = [
            "| \(corpus) | seeds | unknown | 8 earlier, mostly neutral | 20 earlier, mixed | gain, unknown | p |",
            "|---|---|---|---|---|---|---|",
        ]
        let rows = groups.map { group in
            let cells = Self.conditions.map { spread(group.recalls(corpus, $0)) } + gain(group, corpus)
            return "| \(group.recipe) | \(group.reports.count) | " + cells.joined(separator: " | ") + " |"
        }
        return (header + rows).joined(separator: "\n") + "\n"
    }

    private func spread(_ values: [Double]) -> String {
        if values.isEmpty { return "–" }
        return figure(mean(values)) + (values.count > 1 ? " ± \(figure(Recipes.spread(values)))" : "")
    }

    private func gain(_ group: Group, _ corpus: String) -> [String] {
        guard let first = groups.first, group.recipe != first.recipe else { return ["", ""] }
        let differences = group.reports.flatMap { report -> [Double] in
            guard let other = first.reports.first(where: { $0.seed == report.seed }) else { return [] }
            let pairs = zip(
                report.recalls(corpus, Self.conditions[0]),
                other.recalls(corpus, Self.conditions[0])
            )
            return pairs.map { $0 - $1 }
        }
        if differences.isEmpty { return ["", ""] }
        let difference = mean(differences)
        let p = differences.count > 1 ? figure(PairedTest.probability(differences)) : ""
        return [(difference > 0 ? "+" : "") + figure(difference), p]
    }

    private var note: String {
        """
        UAR, mean ± standard deviation over folds and seeds, from one pooled vector a clip, test speakers never trained on. \
        p: two-sided sign-flip permutation test against \(groups.first?.recipe ?? "") over the pairs of fold and seed that \
        both have.

        """
    }
}

extension VoiceReport {
    /// UAR of each fold of a corpus in one condition; none if the report lacks it.
    fileprivate func recalls(_ corpus: String, _ condition: VoiceCondition) -> [Double] {
        let voice = corpora.first { $0.name == corpus }?.voices.first { $0.condition == condition }
        return voice?.folds.map(\.unweightedAverageRecall) ?? []
    }
}
