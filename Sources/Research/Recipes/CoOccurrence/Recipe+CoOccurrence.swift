// SPDX-License-Identifier: Apache-2.0

extension Recipe {
    /// A stage's emotions taught with what listeners heard, and confusions punished by how seldom they share a clip.
    ///
    ///     coOccurrence: { votes: crema_d_ratings, labels: hard, alpha: 0.2, threshold: 0 }
    public struct CoOccurrence: Codable, Hashable, Sendable {
        /// Kind of a clip's label.
        public enum Labels: String, Codable, Hashable, Sendable, CaseIterable {
            /// The class of the manifest.
            case hard
            /// Every class that was heard.
            case multi
            /// The shares of the votes.
            case distribution
        }

        /// The folder beside the corpora with the votes; absent for those of the stage's own training clips.
        public let votes: String?
        /// Kind of a clip's label.
        public let labels: Labels
        /// The weight of the penalised loss, 0...1; at 0 the base loss of the labels is left.
        public let alpha: Double
        /// A class counts as heard if more than this share of a clip's votes is for it.
        public let threshold: Double
        /// The share of the intended class in labels of clips without votes of their own; absent for 0.
        public let intendedShare: Double?

        /// Each parameter as its property says.
        package init(
            votes: String?,
            labels: Labels,
            alpha: Double,
            threshold: Double = 0,
            intendedShare: Double? = nil
        ) {
            (self.votes, self.labels, self.alpha) = (votes, labels, alpha)
            (self.threshold, self.intendedShare) = (threshold, intendedShare)
        }

        /// The first problem with the numbers in a stage with this loss; nil for none.
        func problem(in loss: Recipe.Stage.Loss) -> String? {
            if !(0...1).contains(alpha) { return "alpha must be 0 to 1" }
            if !(threshold >= 0 && threshold < 1) { return "threshold must be 0 or more and below 1" }
            if let intendedShare, !(0...1).contains(intendedShare) { return "intendedShare must be 0 to 1" }
            if loss.emotionWeight == 0 { return "alpha has nothing to weigh: loss.emotionWeight is 0" }
            if labels == .multi, loss.labelSmoothing > 0 {
                return "labels: loss.labelSmoothing must be 0 with multi-labels, which do not sum to 1"
            }
            return nil
        }
    }
}
