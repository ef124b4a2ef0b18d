// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation

/// Recognition of unknown and known voices: what earlier utterances of the same speaker are worth.
///
/// Judged on pooled vectors of whole clips, so that twenty earlier utterances cost no more than one.
public struct VoiceReport: Codable, Hashable, Sendable {
    /// What was said before the judged clip.
    public struct Situation: Codable, Hashable, Sendable {
        /// Earlier utterances asked for; 0 for an unknown voice.
        public let count: Int
        /// Their emotions: mixed, mostly neutral or one emotion.
        public let composition: String

        /// All situations, the unknown voice first.
        package static let all: [Situation] =
            [Situation(count: 0, composition: "none")]
            + EarlierUtterances.Composition.allCases.flatMap { composition in
                [3, 8, 20].map { Situation(count: $0, composition: composition.rawValue) }
            }
    }

    /// One situation of one corpus.
    public struct Figure: Codable, Hashable, Sendable {
        /// What was said before.
        public let situation: Situation
        /// Earlier utterances that there really were, on average.
        public let meanCount: Double
        /// Answers of each fold; one matrix where no folds were tested. Only classes of the corpus can be named.
        public let confusions: [ConfusionMatrix]
        /// The same where every class can be named.
        public let confusionsOfAll: [ConfusionMatrix]
    }

    /// One corpus.
    public struct Corpus: Codable, Hashable, Sendable {
        /// Its name.
        public let name: String
        /// How it was kept apart from training: `speakers left out`, `left out` or `never trained on`.
        public let kind: String
        /// Every situation.
        public let figures: [Figure]

        /// UAR of each fold in a situation, over the classes of the corpus.
        public func recalls(count: Int, composition: String, ofAll: Bool = false) -> [Double] {
            let wanted = Situation(count: count, composition: composition)
            guard let figure = figures.first(where: { $0.situation == wanted }) else { return [] }
            return (ofAll ? figure.confusionsOfAll : figure.confusions).map(\.unweightedAverageRecall)
        }
    }

    /// The recipe's name.
    public let recipe: String
    /// What all random draws began with.
    public let seed: UInt64
    /// Every judged corpus.
    public let corpora: [Corpus]

    /// The report as JSON, keys sorted.
    public func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return try encoder.encode(self)
    }

    /// A table: a row a corpus, a column a situation; UAR, mean and deviation over folds.
    public var markdown: String {
        let names = Situation.all.map { $0.count == 0 ? "unknown" : "\($0.count) \($0.composition)" }
        var lines = [
            "UAR over the classes of each corpus, pooled whole clips; columns: earlier utterances of the same voice.",
            "",
            "| corpus | kept apart | any class, unknown | " + names.joined(separator: " | ") + " |",
            "|---" + String(repeating: "|---", count: names.count + 2) + "|",
        ]
        for corpus in corpora {
            let all = Self.text(corpus.recalls(count: 0, composition: "none", ofAll: true))
            let cells = Situation.all.map {
                Self.text(corpus.recalls(count: $0.count, composition: $0.composition))
            }
            lines.append(
                "| \(corpus.name) | \(corpus.kind) | \(all) | " + cells.joined(separator: " | ") + " |"
            )
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func text(_ values: [Double]) -> String {
        guard !values.isEmpty else { return "" }
        let centre = values.reduce(0, +) / Double(values.count)
        let mean = String(format: "%.3f", centre)
        guard values.count > 1 else { return mean }
        let spread = values.reduce(0) { $0 + ($1 - centre) * ($1 - centre) } / Double(values.count)
        return mean + " ± " + String(format: "%.3f", spread.squareRoot())
    }
}

/// Judges fitted read-outs on the clips of one corpus in every situation.
struct VoiceTest {
    let pooled: PooledClips
    private let earlier: EarlierUtterances
    private let seed: UInt64

    init(_ pooled: PooledClips, seed: UInt64) {
        (self.pooled, self.seed) = (pooled, seed)
        earlier = EarlierUtterances(pooled.clips)
    }

    /// Figures over folds: each fit judges its clips.
    func figures(_ folds: [(fit: ReadoutTrainer.Fit, clips: [Int])], usesVoice: Bool) -> [VoiceReport.Figure]
    {
        let situations = usesVoice ? VoiceReport.Situation.all : [VoiceReport.Situation.all[0]]
        return situations.map { situation in
            var random = SplitMix64(seed: seed, name: "\(situation)")
            var (drawn, judged) = (0, 0)
            let empty = ConfusionMatrix(labels: Emotion.names)
            var own = folds.map { _ in empty }
            var all = own
            for (fold, part) in folds.enumerated() {
                for clip in part.clips {
                    guard let truth = pooled.clips[clip].emotion?.rawValue else { continue }
                    let list = earlier(situation, of: clip, &random)
                    (drawn, judged) = (drawn + list.count, judged + 1)
                    let logits = part.fit.logits(
                        pooled,
                        clip: clip,
                        view: pooled.viewCount - 1,
                        earlier: list
                    )
                    own[fold].add(truth: truth, answer: pooled.classes.labels.max { logits[$0] < logits[$1] })
                    all[fold].add(truth: truth, answer: logits.indices.max { logits[$0] < logits[$1] })
                }
            }
            return VoiceReport.Figure(
                situation: situation,
                meanCount: Double(drawn) / Double(max(1, judged)),
                confusions: own,
                confusionsOfAll: all
            )
        }
    }

    private func earlier(_ situation: VoiceReport.Situation, of clip: Int, _ random: inout SplitMix64)
        -> [Int]
    {
        guard let composition = EarlierUtterances.Composition(rawValue: situation.composition) else {
            return []
        }
        return earlier.draw(for: clip, count: situation.count, composition, using: &random)
    }
}
