// SPDX-License-Identifier: Apache-2.0
package import Corpora
import Foundation

extension Recipe {
    /// Weight of each attribute's loss; an absent attribute gets no head.
    public struct AttributeWeights: Codable, Hashable, Sendable {
        /// Calm to excited.
        public let arousal: Float?
        /// Unpleasant to pleasant.
        public let valence: Float?
        /// Weak to strong.
        public let dominance: Float?

        package init(arousal: Float? = nil, valence: Float? = nil, dominance: Float? = nil) {
            (self.arousal, self.valence, self.dominance) = (arousal, valence, dominance)
        }

        /// Those that are taught, in the order of the network's outputs, and how much each counts.
        package var taught: [(attribute: Attribute, weight: Float)] {
            let weights: [(Attribute, Float?)] = [
                (.arousal, arousal), (.valence, valence), (.dominance, dominance),
            ]
            return weights.compactMap { attribute, weight in weight.map { (attribute, $0) } }
        }

        var problem: String? {
            if taught.isEmpty {
                return "name at least one of arousal, valence, dominance, or leave attributes out"
            }
            return taught.allSatisfy { $0.weight > 0 && $0.weight <= 1000 }
                ? nil : "weights must be above 0, at most 1000"
        }
    }

    /// A corpus whose attributes are tested: the folds divide its speakers, as those of the judged corpus divide its own.
    public struct AttributeTest: Codable, Hashable, Sendable {
        /// The corpus.
        public let corpus: String
        /// The fold list, relative to the recipe; as many folds as the judged corpus has.
        public let folds: String
    }

    /// The attributes that the stages teach, in the order of the network's outputs.
    var attributes: [Attribute] {
        stages.lazy.compactMap(\.attributes).first?.taught.map(\.attribute) ?? []
    }

    /// The problem with the attributes of the whole recipe, or nil.
    var attributeProblem: String? {
        if let problem = levels?.lazy.compactMap(\.problem).first { return "levels: \(problem)" }
        let taught = stages.compactMap { $0.attributes?.taught.map(\.attribute) }
        if Set(taught).count > 1 { return "all stages with attributes must teach the same ones" }
        guard let evaluation, let tests = evaluation.attributes else { return nil }
        if taught.isEmpty { return "evaluation.attributes: no stage teaches attributes" }
        let shared = stages.prefix { !$0.corpora.contains(evaluation.corpus) }
        let heard = shared.flatMap { $0.corpora } + stages.flatMap(\.companions.corpora)
        if let test = tests.first(where: { heard.contains($0.corpus) || $0.corpus == evaluation.corpus }) {
            return
                "evaluation.attributes: '\(test.corpus)' must be heard in stages of the judged corpus alone, among their "
                + "corpora, and is judged already if it is the judged one"
        }
        return nil
    }

    /// The fold lists of the corpora whose attributes are tested, for a recipe in `file`.
    func attributeFolds(besideRecipe file: URL) throws -> [String: FoldList] {
        let folder = file.absoluteURL.deletingLastPathComponent()
        var lists: [String: FoldList] = [:]
        for test in evaluation?.attributes ?? [] {
            lists[test.corpus] = try FoldList(
                file: URL(filePath: test.folds, relativeTo: folder).standardizedFileURL
            )
        }
        return lists
    }
}
