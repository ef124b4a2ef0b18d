// SPDX-License-Identifier: Apache-2.0

/// The drawings of a run's figures.
enum RunPlots {
    /// A figure over the epochs of each part, stages one after the other.
    static func epochs(
        _ parts: [(name: String, values: [Double])],
        title: String,
        axis: String
    ) -> Markup {
        let longest = parts.map(\.values.count).max() ?? 1
        var plot = Plot(
            x: .init("epoch", values: [Double(longest)]),
            y: .init(axis, values: parts.flatMap(\.values))
        )
        for (index, part) in parts.enumerated() {
            plot.line(part.values.enumerated().map { (Double($0 + 1), $1) }, colour: Plot.colour(index))
        }
        let last = parts.compactMap { part in part.values.last.map { "\(part.name) \(figure($0))" } }
        return plot.drawing(title, summary: "Last values: \(last.joined(separator: ", ")).")
    }

    /// UAR after each moment of speech and at the end, the folds as dots.
    static func seconds(_ report: EvaluationReport) -> Markup {
        let end = (report.momentsSeconds.last ?? 0) + 0.5
        let moments = report.momentsSeconds + [end]
        let recalls = { (fold: FoldReport) in
            (fold.early + [fold.confusion]).map(\.unweightedAverageRecall)
        }
        var plot = Plot(
            x: .init("seconds of speech heard (last: the end of the clip)", values: moments),
            y: .init("UAR", values: report.folds.flatMap(recalls), to: 1)
        )
        for fold in report.folds {
            for (moment, recall) in zip(moments, recalls(fold)) {
                plot.dot((moment, recall), colour: Plot.colour(5), "fold \(fold.fold): \(figure(recall))")
            }
        }
        let means = moments.indices.map { index in mean(report.folds.map { recalls($0)[index] }) }
        plot.line(Array(zip(moments, means)), colour: Plot.colour(0))
        return plot.drawing(
            "Accuracy against seconds heard",
            summary: zip(moments, means).map { "\(figure($0)) s: \(figure($1))" }.joined(separator: "; ")
        )
    }

    /// UAR at each level of noise.
    static func noise(_ report: EvaluationReport) -> Markup? {
        let levels = report.folds.first?.noisy.map(\.decibels) ?? []
        guard !levels.isEmpty else { return nil }
        let recalls = levels.indices.map { index in
            report.folds.map { $0.noisy[index].confusion.unweightedAverageRecall }
        }
        var plot = Plot(
            x: .init("speech over noise, dB", values: levels),
            y: .init("UAR", values: recalls.flatMap { $0 }, to: 1)
        )
        for (level, values) in zip(levels, recalls) {
            for value in values { plot.dot((level, value), colour: Plot.colour(5), figure(value)) }
        }
        let line = zip(levels, recalls.map(mean)).sorted { $0.0 < $1.0 }
        plot.line(line, colour: Plot.colour(0))
        let words = line.map { "\(figure($0)) dB: \(figure($1))" }.joined(separator: "; ")
        return plot.drawing("Accuracy in unheard noise", summary: words)
    }

    /// Accuracy of the answers of each confidence, compared with the ideal.
    static func calibration(_ report: EvaluationReport) -> Markup {
        let count = report.folds.first?.calibrationBins.count ?? 0
        let bins = (0..<count).map { index in report.folds.map { $0.calibrationBins[index] } }
        var plot = Plot(
            x: .init("confidence", values: [1]),
            y: .init("share of right answers", values: [1])
        )
        for (index, parts) in bins.enumerated() {
            let clips = parts.reduce(0) { $0 + $1.count }
            guard clips > 0 else { continue }
            let right = parts.reduce(0) { $0 + $1.accuracy * Double($1.count) } / Double(clips)
            let (left, width) = (Double(index) / Double(count), 1 / Double(count))
            let words = "\(clips) clips, \(figure(right)) right"
            plot.bar(from: left, to: left + width * 0.94, value: right, colour: Plot.colour(5), words)
        }
        plot.line([(0, 0), (1, 1)], colour: Plot.colour(1), isDashed: true)
        let errors = report.folds.compactMap(\.calibrationErrors.last)
        return plot.drawing(
            "Calibration",
            summary: "Mean expected calibration error over the folds: \(figure(mean(errors)))."
        )
    }

    /// Precision, recall and F1 of each class, all folds together.
    static func classes(_ matrix: ConfusionMatrix) -> Markup {
        let figures = ["precision", "recall", "F1"]
        var plot = Plot(
            x: .init("blue precision, orange recall, green F1", names: matrix.labels),
            y: .init("0 to 1", values: [1])
        )
        for label in matrix.labels.indices {
            let values = [matrix.precision(of: label), matrix.recall(of: label), matrix.f1(of: label)]
            for (index, value) in values.enumerated() {
                let left = Double(label) - 0.36 + 0.24 * Double(index)
                let words = "\(matrix.labels[label]): \(figures[index]) \(value.map(figure) ?? "none")"
                plot.bar(from: left, to: left + 0.21, value: value ?? 0, colour: Plot.colour(index), words)
            }
        }
        return plot.drawing("Classes", summary: "The table of classes has the numbers.")
    }

    /// UAR of each test speaker, lowest first.
    static func speakers(_ report: EvaluationReport) -> Markup {
        let speakers = report.folds.flatMap { $0.confusionBySpeaker.mapValues(\.unweightedAverageRecall) }
            .sorted { $0.value < $1.value }
        var plot = Plot(
            x: .init("speakers, lowest first", values: [Double(speakers.count)]),
            y: .init("UAR", values: [1])
        )
        for (index, speaker) in speakers.enumerated() {
            let words = "\(speaker.key): \(figure(speaker.value))"
            let left = Double(index) + 0.1
            plot.bar(from: left, to: left + 0.8, value: speaker.value, colour: Plot.colour(0), words)
        }
        let words = speakers.map { "\($0.key) \(figure($0.value))" }.joined(separator: ", ")
        return plot.drawing("Speakers", summary: words)
    }
}
