// SPDX-License-Identifier: Apache-2.0

extension EvaluationReport {
    /// All folds together: whole and trimmed clips, unknown and known voices, sexes and ages.
    var pooledTables: [String] {
        guard let pooled else { return [] }
        var rows = [("unknown voice, whole clips", pooled, folds.map(\.confusion))]
        if let trimmed {
            rows.append(("unknown voice, clips cut to speech", trimmed, folds.compactMap(\.trimmed)))
        }
        rows += (voices ?? []).map { ($0.name, $0.figures, $0.folds) }
        return [Self.conditionTable(rows), Self.riskTable(rows.map { ($0.0, $0.1) }), ages(pooled)]
            .filter { !$0.isEmpty }
    }

    /// One line for each condition.
    private static func conditionTable(_ rows: [(String, ClipFigures, [ConfusionMatrix])]) -> String {
        let lines = rows.map { name, figures, folds in
            let recalls = folds.map(\.unweightedAverageRecall)
            let calibration = figures.calibration
            let cells =
                [name, "\(figure(mean(recalls))) ± \(figure(Recipes.spread(recalls)))"]
                + ["F", "M"].map { figure(figures.bySex[$0]?.unweightedAverageRecall ?? .nan) }
                + [
                    figure(calibration.error),
                    "\(figure(calibration.perfectError)) (\(figure(calibration.perfectHigh)))",
                ]
            return "| " + cells.joined(separator: " | ") + " |"
        }
        let header = [
            "| condition | UAR | female UAR | male UAR | calibration error | of a perfect model (95 %) |",
            "|---|---|---|---|---|---|",
        ]
        return (header + lines).joined(separator: "\n")
            + "\n\nCalibration error: the clips of all folds together, \(rows.first?.1.calibration.clips ?? 0) with a label in "
            + "the first line. A perfect model is one whose confidences are all true; the error that it shows is chance."
    }

    /// Errors if unsure answers are withheld.
    private static func riskTable(_ rows: [(String, ClipFigures)]) -> String {
        let shares = RiskCoverage.coverages.map { "\(Int(($0 * 100).rounded())) %" }
        let header =
            "| error if so many clips are answered | " + shares.joined(separator: " | ") + " | area |"
        let lines = rows.map { name, figures in
            "| \(name) | " + (figures.risk.errors + [figures.risk.area]).map(figure).joined(separator: " | ")
                + " |"
        }
        return ([header, String(repeating: "|---", count: shares.count + 2) + "|"] + lines).joined(
            separator: "\n"
        )
    }

    private func ages(_ pooled: ClipFigures) -> String {
        guard !pooled.byAge.isEmpty else { return "" }
        let lines = pooled.byAge.sorted { $0.key < $1.key }.map { age, matrix in
            "| \(AgeGroup.title(of: age)) | \(matrix.clipCount) | \(figure(matrix.unweightedAverageRecall)) |"
        }
        return (["| age | clips | UAR |", "|---|---|---|"] + lines).joined(separator: "\n")
    }
}

extension OtherCorpus {
    /// The corpus as lines of a table of conditions, known voices after the unknown one.
    var lines: [String] {
        let classes = confusion.labels.indices.count { confusion.support(of: $0) > 0 }
        let first =
            "| \(corpus), never heard in training, \(classes) classes | UAR "
            + "\(figure(confusion.unweightedAverageRecall)), among its classes alone "
            + "\(figure(sharedClasses.unweightedAverageRecall)); chance \(figure(1 / Double(max(1, classes))))"
            + "\(figures.map(Self.details) ?? "") |"
        return [first]
            + (voices ?? []).map { voice in
                "| \(corpus), \(voice.name) | UAR \(figure(voice.figures.confusion.unweightedAverageRecall)), among its classes "
                    + "alone \(figure(voice.figures.sharedClasses.unweightedAverageRecall))\(Self.details(voice.figures)) |"
            }
    }

    private static func details(_ figures: ClipFigures) -> String {
        let sexes = ["F", "M"].compactMap { figures.bySex[$0]?.unweightedAverageRecall }
        let both = sexes.count == 2 ? "; women \(figure(sexes[0])), men \(figure(sexes[1]))" : ""
        return both + "; calibration error \(figure(figures.calibration.error)), of a perfect model "
            + figure(figures.calibration.perfectError)
    }
}

extension KnownVoice {
    /// The condition in words, with the real length of the lists where it differs.
    var name: String {
        leastCount == condition.count
            ? condition.name : "\(condition.name) (\(figure(meanCount)) on average, at least \(leastCount))"
    }
}
