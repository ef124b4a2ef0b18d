// SPDX-License-Identifier: Apache-2.0
public import Foundation

/// One page about one run: what was trained, how it went, how good it is. Nothing in it is loaded from anywhere else.
public struct RunReport {
    private let recipe: String
    private let recipeText: String
    private let logs: [(part: String, events: [RunEvent])]
    private let evaluation: EvaluationReport?

    /// Reads the folder of a run. What is not there yet, such as the evaluation, is left out of the page.
    ///
    /// - Throws: an error that names the folder if it holds no run, or the file that is damaged.
    public init(run: URL) throws(RecipeError) {
        guard let text = try? String(contentsOf: run.appending(path: "recipe.json"), encoding: .utf8) else {
            throw .run(path: run.path, problem: "it is no folder of a run: there is no recipe.json in it")
        }
        recipeText = text
        let hasFigures = FileManager.default.fileExists(atPath: run.appending(path: "evaluation.json").path)
        evaluation = hasFigures ? try EvaluationReport(run: run) : nil
        recipe = evaluation?.recipe ?? run.lastPathComponent
        let parts = (try? FileManager.default.contentsOfDirectory(atPath: run.path))?.sorted() ?? []
        logs = parts.compactMap { part in
            let file = run.appending(path: "\(part)/log.jsonl")
            guard let text = try? String(contentsOf: file, encoding: .utf8) else { return nil }
            // A line that was cut off by a kill, or is of an older version, is not worth a page.
            let events = text.split(separator: "\n").compactMap {
                try? JSONDecoder().decode(RunEvent.self, from: Data($0.utf8))
            }
            return (part, events)
        }
    }

    /// True if a text begins as such a page does.
    public static func isPage(_ text: String) -> Bool {
        text.hasPrefix("<!DOCTYPE html>\n<html lang=\"en\"><head>") && text.contains("<title>Run ")
    }

    /// The page, well-formed XML and HTML at once.
    public var html: String {
        let head = Markup(
            "head",
            [:],
            [
                Markup("meta", ["charset": "utf-8"]),
                Markup("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
                .words("title", "Run \(recipe)"), .style(Self.sheet),
            ]
        )
        let sections = [summary, accuracy, learning, tables, faces, listeners, settings].flatMap { $0 }
        let body = Markup("body", [:], [.words("h1", "Run \(recipe)")] + sections)
        return "<!DOCTYPE html>\n" + Markup("html", ["lang": "en"], [head, body]).text + "\n"
    }

    private var summary: [Markup] {
        guard let evaluation else { return [.words("p", "The run has not been evaluated yet.")] }
        let rows: [(String, (FoldReport) -> ConfusionMatrix)] = [
            ("streaming model", \.confusion), ("log-mel statistics, logistic regression", \.baseline),
            ("majority class", \.majority),
        ]
        let classes = evaluation.folds.first?.confusion.labels.count ?? 1
        let table = rows.map { name, matrix in
            [name]
                + [\ConfusionMatrix.unweightedAverageRecall, \.macroF1, \.macroPrecision].map { path in
                    let values = evaluation.folds.map { matrix($0)[keyPath: path] }
                    return "\(figure(mean(values))) ± \(figure(spread(values)))"
                }
        }
        return [
            .words(
                "p",
                "\(evaluation.corpus), \(evaluation.folds.count) folds of speakers never trained on, seed "
                    + "\(evaluation.seed), \(evaluation.parameterCount) weights. Mean ± standard deviation over the folds; "
                    + "chance is \(figure(1 / Double(classes)))."
            ), HTMLTable.table(["", "UAR", "macro-F1", "precision"], table),
        ]
    }

    private var accuracy: [Markup] {
        guard let evaluation, let all = evaluation.pooled({ $0.confusion }) else { return [] }
        let noise = RunPlots.noise(evaluation).map { [("UAR in noise that no training has heard", $0)] } ?? []
        return [
            .words("h2", "Accuracy"),
            figures(
                [
                    ("UAR against seconds of speech heard; dots are folds", RunPlots.seconds(evaluation)),
                    ("Classes, all folds", RunPlots.classes(all)),
                    ("Test speakers", RunPlots.speakers(evaluation)),
                    (
                        "Calibration: bars on the dashed line would be perfect",
                        RunPlots.calibration(evaluation)
                    ),
                ] + noise
            ), .words("h2", "Confusions"), HTMLTable.confusion(all),
        ]
    }

    private var learning: [Markup] {
        let parts = logs.map { part, events in
            (
                part,
                events.compactMap { event -> (loss: Double, rate: Double)? in
                    guard case .epoch(_, _, _, _, let loss, _, let rate, _) = event else { return nil }
                    return (loss, rate)
                }
            )
        }.filter { !$0.1.isEmpty }
        guard !parts.isEmpty else { return [] }
        return [
            .words("h2", "Learning"),
            Markup(
                "p",
                [:],
                parts.enumerated().map { index, part in
                    .words("span", ["style": "color: \(Plot.colour(index)); margin-right: 1em"], part.0)
                }
            ),
            figures([
                (
                    "Loss of each part, stages one after the other",
                    RunPlots.epochs(parts.map { ($0.0, $0.1.map(\.loss)) }, title: "Loss", axis: "loss")
                ),
                (
                    "Learning rate at the end of each epoch",
                    RunPlots.epochs(
                        parts.map { ($0.0, $0.1.map(\.rate)) },
                        title: "Learning rate",
                        axis: "rate"
                    )
                ),
            ]),
        ]
    }

    private var tables: [Markup] {
        guard let evaluation else { return [] }
        return [.words("h2", "Folds")] + HTMLTable.folds(evaluation)
    }

    private var faces: [Markup] {
        let rows = logs.flatMap { part, events in
            events.compactMap { event -> [String]? in
                guard case .faces(_, let stage, let sources, let classes) = event else { return nil }
                return [part, stage, Self.list(sources), Self.list(classes)]
            }
        }
        guard !rows.isEmpty else { return [] }
        let header = ["part", "stage", "clips by source of activity", "clips by emotion of the action units"]
        return [.words("h2", "Labels from faces"), HTMLTable.table(header, rows)]
    }

    private var listeners: [Markup] {
        let rows = logs.flatMap { part, events in
            events.compactMap { event -> [String]? in
                guard case .labels(_, let stage, let sources) = event else { return nil }
                return [part, stage, Self.list(sources)]
            }
        }
        guard !rows.isEmpty else { return [] }
        let header = ["part", "stage", "clips by source of their label"]
        return [.words("h2", "Labels from listeners"), HTMLTable.table(header, rows)]
    }

    private var settings: [Markup] { [.words("h2", "Recipe"), .words("pre", recipeText)] }

    private static func list(_ counts: [String: Int]) -> String {
        counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    }

    private func figures(_ drawings: [(String, Markup)]) -> Markup {
        Markup(
            "div",
            ["class": "figures"],
            drawings.map { Markup("figure", [:], [$0.1, .words("figcaption", $0.0)]) }
        )
    }

    private static let sheet = """
        :root { color-scheme: light dark; --ink: #1b1b1b; --paper: #fdfdfc; --faint: #d8d8d4 }
        @media (prefers-color-scheme: dark) { :root { --ink: #e6e6e3; --paper: #171716; --faint: #3c3c3a } }
        body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
               max-width: 1120px; margin: 2rem auto; padding: 0 1rem }
        table { border-collapse: collapse; margin: 1rem 0; font-variant-numeric: tabular-nums; display: block; overflow-x: auto }
        th, td { padding: .25rem .6rem; border-bottom: 1px solid var(--faint); text-align: right }
        th:first-child, td:first-child { text-align: left }
        .figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 440px), 1fr)); gap: 1rem }
        figure { margin: 0 } figcaption { font-size: .9rem }
        svg { width: 100%; height: auto } svg text { fill: var(--ink); font-size: 11px }
        .grid { stroke: var(--faint) } pre { overflow-x: auto; font-size: .8rem }
        @media print { figure, table { break-inside: avoid } }
        """
}
