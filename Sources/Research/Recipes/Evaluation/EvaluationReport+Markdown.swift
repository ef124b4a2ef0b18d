// SPDX-License-Identifier: Apache-2.0

extension EvaluationReport {
    /// The report as Markdown tables, which also read well on a terminal.
    public var markdown: String {
        ([summary, perFold, perClass, confusions] + pooledTables + [
            conditions, attributes.map(AttributeReport.markdown) ?? "",
        ]).filter { !$0.isEmpty }.joined(separator: "\n\n")
            + "\n"
    }

    /// Noise, recordings without speech, and corpora that training has not heard.
    private var conditions: String {
        var lines: [String] = []
        for (index, noise) in (folds.first?.noisy ?? []).enumerated() {
            let recall = spread { $0.noisy[index].confusion.unweightedAverageRecall }
            lines.append("| speech \(figure(noise.decibels)) dB over unheard noise | UAR \(recall) |")
        }
        for group in (folds.first?.falseSpeechByGroup ?? [:]).keys.sorted() {
            let share = spread { $0.falseSpeechByGroup[group] ?? .nan }
            lines.append("| \(group): named an emotion | \(share) |")
        }
        lines += others.flatMap(\.lines)
        return lines.isEmpty ? "" : (["| condition | |", "|---|---|"] + lines).joined(separator: "\n")
    }

    private var summary: String {
        let final = { (fold: FoldReport) in fold.confusion }
        let rows: [(String, (FoldReport) -> ConfusionMatrix)] =
            [("**streaming model**", final)]
            + momentsSeconds.enumerated().map { index, moment in
                ("streaming model after \(moment) s of speech", { $0.early[index] })
            } + [
                ("log-mel statistics, logistic regression", \.baseline), ("majority class", \.majority),
            ]
        let lines = rows.map { name, matrix in
            let figures: [(ConfusionMatrix) -> Double] = [
                \.unweightedAverageRecall, \.macroF1, \.macroPrecision,
            ]
            let cells = figures.map { figure in spread { figure(matrix($0)) } }
            return "| \(name) | " + cells.joined(separator: " | ") + " |"
        }
        let chance = 1 / Double(max(1, folds.first?.confusion.labels.count ?? 1))
        let header = [
            "| \(corpus), \(folds.count) folds | UAR | macro-F1 | precision |", "|---|---|---|---|",
        ]
        return (header + lines + ["| chance | \(figure(chance)) | | |", "", sharesAndSpeakers]).joined(
            separator: "\n"
        )
    }

    /// Figures that the tables do not show at a glance.
    private var sharesAndSpeakers: String {
        let final = mean(folds.map(\.confusion.unweightedAverageRecall))
        let shares = momentsSeconds.enumerated().map { index, moment in
            let early = mean(folds.map { $0.early[index].unweightedAverageRecall })
            return "\(figure(early / max(final, 1e-9))) at \(moment) s"
        }
        let speakers = folds.flatMap { $0.confusionBySpeaker.values.map(\.unweightedAverageRecall) }.sorted()
        return "Share of the final UAR: \(shares.joined(separator: ", ")). UAR of single speakers: "
            + "\(figure(speakers.first ?? .nan)) to \(figure(speakers.last ?? .nan)), deviation "
            + "\(figure(Recipes.spread(speakers))). Cross entropy \(spread { $0.crossEntropies[0] }) nats, with the "
            + "temperature \(spread { $0.crossEntropies[1] }); calibration error \(spread { $0.calibrationErrors[0] }), "
            + "with the temperature \(spread { $0.calibrationErrors[1] })."
    }

    private var perFold: String {
        let header =
            "| fold | clips | UAR | F1 | baseline UAR | female UAR | male UAR | no label | temperature | ECE before, after "
            + "| speech frames right | false speech |"
        let lines = folds.map { fold in
            let sexes = ["F", "M"].map { figure(fold.confusionBySex[$0]?.unweightedAverageRecall ?? .nan) }
            let cells = [
                "\(fold.fold)", "\(fold.confusion.clipCount)", figure(fold.confusion.unweightedAverageRecall),
                figure(fold.confusion.macroF1), figure(fold.baseline.unweightedAverageRecall), sexes[0],
                sexes[1],
                "\(fold.confusion.unnamed.reduce(0, +))", figure(fold.temperature),
                fold.calibrationErrors.map(figure).joined(separator: ", "), figure(fold.speechAccuracy),
                figure(fold.falseSpeech),
            ]
            return "| " + cells.joined(separator: " | ") + " |"
        }
        return ([header, String(repeating: "|---", count: 12) + "|"] + lines).joined(separator: "\n")
    }

    private var perClass: String {
        guard let all = pooled({ $0.confusion }), let baseline = pooled({ $0.baseline }) else { return "" }
        let lines = all.labels.indices.map { label in
            let cells = [
                all.recall(of: label), all.precision(of: label), all.f1(of: label),
                baseline.recall(of: label),
            ]
            return "| \(all.labels[label]) | \(all.support(of: label)) | "
                + cells.map { $0.map(figure) ?? "–" }.joined(separator: " | ") + " |"
        }
        let header = [
            "| all folds | clips | recall | precision | F1 | baseline recall |", "|---|---|---|---|---|---|",
        ]
        return (header + lines).joined(separator: "\n")
    }

    private var confusions: String {
        guard let all = pooled({ $0.confusion }) else { return "" }
        let header = "| spoken ↓ named → | " + (all.labels + ["none"]).joined(separator: " | ") + " |"
        let lines = all.labels.indices.map { truth in
            let cells = all.counts[truth] + [all.unnamed[truth]]
            return "| \(all.labels[truth]) | " + cells.map(String.init).joined(separator: " | ") + " |"
        }
        return ([header, String(repeating: "|---", count: all.labels.count + 2) + "|"] + lines).joined(
            separator: "\n"
        )
    }

    private func spread(_ value: (FoldReport) -> Double) -> String {
        let values = folds.map(value)
        return "\(figure(mean(values))) ± \(figure(Recipes.spread(values)))"
    }
}

/// Three decimals, which is more than the folds can tell apart.
func figure(_ value: Double) -> String {
    guard value.isFinite else { return "–" }
    let thousandths = Int((abs(value) * 1000).rounded())
    let decimals = String(thousandths % 1000)
    let sign = value < 0 && thousandths > 0 ? "-" : ""
    return "\(sign)\(thousandths / 1000)." + String(repeating: "0", count: 3 - decimals.count) + decimals
}
