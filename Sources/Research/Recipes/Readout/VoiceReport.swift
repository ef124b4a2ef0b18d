// SPDX-License-Identifier: Apache-2.0
public import Foundation

/// Recognition of unknown and known voices by a read-out: what earlier utterances of the same speaker are worth.
///
/// Judged on one pooled vector for each clip, so that twenty earlier utterances cost no more than one.
public struct VoiceReport: Codable, Hashable, Sendable {
    /// Separation of a corpus from training.
    public enum Kind: String, Codable, Sendable {
        /// Every fold's speakers were left out of the read-out that judges them.
        case speakersLeftOut = "speakers left out"
        /// The read-out that judges it was trained without the corpus.
        case corpusLeftOut = "corpus left out"
        /// No training used it.
        case unseen = "never trained on"
    }

    /// One corpus.
    public struct Corpus: Codable, Hashable, Sendable {
        /// Its name.
        public let name: String
        /// Its separation from training.
        public let kind: Kind
        /// Every condition, the unknown voice first.
        public let voices: [KnownVoice]
    }

    /// The recipe's name.
    public let recipe: String
    /// Seed of all random draws.
    public let seed: UInt64
    /// Every judged corpus.
    public let corpora: [Corpus]

    /// The report as JSON, keys sorted.
    public func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return try encoder.encode(self)
    }

    /// A table: a row for each corpus and condition.
    public var markdown: String {
        let header = [
            "| corpus | kept apart | condition | earlier | UAR | among its classes | women | men | calibration error |",
            "|---|---|---|---|---|---|---|---|---|",
        ]
        return (header + corpora.flatMap(rows)).joined(separator: "\n") + "\n"
    }

    private func rows(_ corpus: Corpus) -> [String] {
        corpus.voices.map { voice in
            let recalls = voice.folds.map(\.unweightedAverageRecall)
            let sexes = ["F", "M"].map { figure(voice.figures.bySex[$0]?.unweightedAverageRecall ?? .nan) }
            let spread = recalls.count > 1 ? " ± \(figure(Recipes.spread(recalls)))" : ""
            let cells =
                [corpus.name, corpus.kind.rawValue, voice.condition.name, figure(voice.meanCount)]
                + [
                    figure(mean(recalls)) + spread,
                    figure(voice.figures.sharedClasses.unweightedAverageRecall),
                ]
                + sexes + [figure(voice.figures.calibration.error)]
            return "| " + cells.joined(separator: " | ") + " |"
        }
    }
}

extension VoiceReport {
    /// The report that `evaluate --voices` wrote in the folder of a run.
    public init(run: URL) throws(RecipeError) {
        let file = run.appending(path: "voices.json")
        guard let data = try? Data(contentsOf: file) else {
            throw .run(path: run.path, problem: "it has no voices.json; run evaluate --voices first")
        }
        do {
            self = try JSONDecoder().decode(VoiceReport.self, from: data)
        } catch {
            throw .run(
                path: file.path,
                problem: "it is damaged or of another version; run evaluate --voices again"
            )
        }
    }
}
