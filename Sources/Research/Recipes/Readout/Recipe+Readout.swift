// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation

extension Recipe {
    /// Fold lists of the read-out's corpora, for a recipe in `file`.
    func readoutFolds(besideRecipe file: URL) throws -> [String: FoldList] {
        let folder = file.absoluteURL.deletingLastPathComponent()
        var lists: [String: FoldList] = [:]
        for corpus in readout?.corpora ?? [] {
            if let path = corpus.folds {
                lists[corpus.name] = try FoldList(
                    file: URL(filePath: path, relativeTo: folder).standardizedFileURL
                )
            }
        }
        return lists
    }
    /// A linear read-out of a frozen encoder: what its pooled vectors say about emotions.
    ///
    /// The encoder of the stages before stays as it is. The pooled vector of each clip, and of its beginnings, is
    /// standardised; one linear layer and a softmax over the classes that the clip's corpus knows give the emotion.
    public struct Readout: Codable, Hashable, Sendable {
        /// Corpora that teach it, each with how much all its clips count together.
        public let corpora: [Corpus]
        /// Seconds of speech after which a clip's beginning is pooled too.
        public let momentsSeconds: [Double]
        /// Weight of a beginning; the whole clip has 1.
        public let momentWeight: Float
        /// Weight of a varied copy of a clip; the clean clip has 1.
        public let copyWeight: Float
        /// Weight of the squared weights in the loss, which is a mean over the clips.
        public let penalty: Double
        /// Clips weigh as the inverse of their class's frequency in their corpus to this power, 0...1.
        public let classBalance: Double
        /// Share of a clip's target that comes from its listeners' votes, where it has any, 0...1.
        public let voteShare: Float
        /// The share of the target that is spread over the classes of the corpus, 0..<1.
        public let labelSmoothing: Float
        /// Training of a hidden layer of `network.hiddenCount` units; absent for a linear head, which `penalty` shapes.
        public let hidden: Hidden?
        /// The speaker's own voice as the origin of the pooled vectors; absent for the population alone.
        public let voice: Voice?

        /// One corpus of a read-out.
        public struct Corpus: Codable, Hashable, Sendable {
            /// Its name.
            public let name: String
            /// Weight of all its clips together.
            public let weight: Double
            /// Its fold list, relative to the recipe; absent where all its speakers always teach.
            public let folds: String?
            /// Emotion that all its clips count as, against every class; absent where the clips have labels of their own.
            /// People who read aloud without acting are *neutral*.
            public let label: String?
        }

        /// Training of a head with a hidden layer.
        public struct Hidden: Codable, Hashable, Sendable {
            /// Passes over the clips.
            public let epochs: Int
            /// Clips in a batch.
            public let batchClips: Int
            /// The highest learning rate.
            public let learningRate: Double
            /// Decoupled weight decay.
            public let weightDecay: Double
            /// Share of the inputs and of the hidden units dropped in training.
            public let dropout: Double
            /// Share of the draws that take the clean clip.
            public let cleanShare: Double
            /// Share of the draws that take the whole clip.
            public let wholeShare: Double
            /// Share of the draws without earlier utterances.
            public let unknownShare: Double

            var problem: String? {
                if !(1...10_000).contains(epochs) || !(2...4096).contains(batchClips) {
                    return "epochs must be 1 to 10000, batchClips 2 to 4096"
                }
                if !(learningRate > 0 && learningRate <= 1) || !(weightDecay >= 0 && weightDecay <= 10) {
                    return "learningRate must be above 0 and at most 1, weightDecay 0 to 10"
                }
                if !(dropout >= 0 && dropout < 1) { return "dropout must be 0 or more and below 1" }
                return [cleanShare, wholeShare, unknownShare].allSatisfy { (0...1).contains($0) }
                    ? nil : "cleanShare, wholeShare and unknownShare must be 0 to 1"
            }
        }

        /// Weight of the population against the voice's own history, and how training draws that history.
        public struct Voice: Codable, Hashable, Sendable {
            /// Utterances that the population's mean counts for.
            public let priorMean: Float
            /// Utterances that the population's deviation counts for.
            public let priorDeviation: Float
            /// Draws of earlier utterances for each clip, beside the one without any.
            public let draws: Int
            /// Most earlier utterances.
            public let longest: Int
            /// Share of the draws that are mostly neutral, 0...1.
            public let neutralShare: Double
            /// Share of the draws that are of one emotion, 0...1; the rest are mixed.
            public let sameShare: Double
            /// Similarity of two pooled vectors from which on the stream takes them for one voice, -1...1.
            public let same: Double
            /// Similarity below which it takes them for two voices; between the two it decides nothing.
            public let other: Double
        }

        var problem: String? {
            if corpora.isEmpty { return "corpora must name at least one" }
            if !corpora.allSatisfy({ (0.001...1000).contains($0.weight) }) {
                return "weights must be 0.001 to 1000"
            }
            if let problem = corpora.lazy.compactMap(\.problem).first { return "corpora: \(problem)" }
            if !momentsSeconds.allSatisfy({ (0.1...60).contains($0) }) {
                return "momentsSeconds must be 0.1 to 60"
            }
            if ![momentWeight, copyWeight].allSatisfy({ (0...1000).contains($0) }) {
                return "momentWeight and copyWeight must be 0 to 1000"
            }
            if !(0...1000).contains(penalty) { return "penalty must be 0 to 1000" }
            if !(0...1).contains(classBalance) || !(0...1).contains(voteShare) {
                return "classBalance and voteShare must be 0 to 1"
            }
            if !(labelSmoothing >= 0 && labelSmoothing < 1) {
                return "labelSmoothing must be 0 or more and below 1"
            }
            return voice?.problem.map { "voice.\($0)" } ?? hidden?.problem.map { "hidden.\($0)" }
        }
    }
}

extension Recipe.Readout.Corpus {
    fileprivate var problem: String? {
        guard let label else { return nil }
        if Emotion(word: label) == nil {
            return "'\(label)' of \(name) is not an emotion; use \(Emotion.names.joined(separator: ", "))"
        }
        return folds == nil
            ? nil : "\(name) has one label for all clips, so it cannot be judged; leave folds out"
    }
}

extension Recipe.Readout.Voice {
    fileprivate var problem: String? {
        if !(0...1000).contains(priorMean) || !(0...1000).contains(priorDeviation) {
            return "priorMean and priorDeviation must be 0 to 1000"
        }
        if !(0...64).contains(draws) || !(1...64).contains(longest) {
            return "draws must be 0 to 64, longest 1 to 64"
        }
        if neutralShare < 0 || sameShare < 0 || neutralShare + sameShare > 1 {
            return "neutralShare and sameShare must be 0 or more and together at most 1"
        }
        return nil
    }
}
