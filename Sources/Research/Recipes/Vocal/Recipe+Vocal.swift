// SPDX-License-Identifier: Apache-2.0
import EmotionEvents

extension Recipe {
    /// A second head that names laughs, cries, coughs and screams.
    public struct Vocal: Codable, Hashable, Sendable {
        /// The kinds that it names.
        public let kinds: [Kind]
        /// The kinds that the stream reports; absent for all.
        public let reported: [String]?
        /// Recordings of anything else; clips that belong to a kind are left out of them.
        public let others: [Selection]
        /// Most clips of one selection of `others`, taken evenly from it.
        public let mostClips: Int
        /// Probability from which a kind is named, 0...1.
        public let threshold: Float
        /// Units of the hidden layer.
        public let hiddenCount: Int
        /// Passes over the sounds.
        public let epochs: Int
        /// Sounds in a batch.
        public let batchSounds: Int
        /// The highest learning rate.
        public let learningRate: Double
        /// Decoupled weight decay.
        public let weightDecay: Double
        /// Share of the inputs and of the hidden units dropped in training.
        public let dropout: Double

        /// One kind.
        public struct Kind: Codable, Hashable, Sendable {
            /// Its word on the wire.
            public let name: String
            /// Its recordings.
            public let sounds: [Selection]
        }

        var problem: String? {
            let known = VocalSound.Kind.allCases.map { "\($0.word)" }
            if kinds.isEmpty || Set(kinds.map(\.name)).count != kinds.count {
                return "kinds must name at least one, each once"
            }
            if let unknown = kinds.first(where: { !known.contains($0.name) }) {
                return "kinds: '\(unknown.name)' is not a kind; use \(known.joined(separator: ", "))"
            }
            if let unknown = reported?.first(where: { name in !kinds.contains { $0.name == name } }) {
                return "reported: '\(unknown)' is not among kinds"
            }
            if !(1...1_000_000).contains(mostClips) { return "mostClips must be 1 to 1000000" }
            if !(0...1).contains(threshold) { return "threshold must be 0 to 1" }
            if !(1...4096).contains(hiddenCount) { return "hiddenCount must be 1 to 4096" }
            return training.problem
        }

        /// Training of the head, as that for emotions, without draws of earlier utterances.
        var training: Readout.Hidden {
            Readout.Hidden(
                epochs: epochs,
                batchClips: batchSounds,
                learningRate: learningRate,
                weightDecay: weightDecay,
                dropout: dropout,
                cleanShare: 1,
                wholeShare: 1,
                unknownShare: 1
            )
        }
    }
}
