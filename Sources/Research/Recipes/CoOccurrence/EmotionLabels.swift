// SPDX-License-Identifier: Apache-2.0
package import Corpora

/// The labels of clips for ``CoOccurrenceLoss``.
///
/// A clip that listeners voted on has their votes. Any other has one intended emotion, and gets what the listeners of
/// the rated corpus heard, on average, where that emotion was intended there: of 1271 clips of CREMA-D in which anger was
/// acted 53 % of the votes were for anger, 21 % for disgust. That is another corpus, other actors, other listeners, and it
/// is an assumption, not a measurement. An emotion that they were not offered stays one-hot.
package struct EmotionLabels: Sendable {
    /// Source of a clip's label.
    package enum Source: String, Sendable, CaseIterable {
        /// Listeners voted on this clip.
        case votes
        /// Listeners of the rated corpus heard the same intended emotion.
        case heard
        /// The intended emotion alone.
        case intended
    }

    package let matrix: CoOccurrenceMatrix
    /// Listeners' answers for each intended emotion, by raw value: shares that sum to 1; `nil` where none was rated.
    package let heard: [[Double]?]
    private let settings: Recipe.CoOccurrence

    /// - Parameters:
    ///   - settings: which labels, and which votes count.
    ///   - votes: what listeners heard. Of a corpus that is also tested on, the training clips alone.
    package init(_ settings: Recipe.CoOccurrence, votes: ListenerVotes) {
        self.settings = settings
        matrix = CoOccurrenceMatrix(votes.ratings.map(\.votes), threshold: settings.threshold)
        heard = Emotion.allCases.map { emotion in
            Self.mean(votes.ratings.filter { $0.intended == emotion }.map(\.votes.shares))
        }
    }

    /// Loss that the labels train.
    package var loss: CoOccurrenceLoss {
        CoOccurrenceLoss(penalties: matrix.penalties, labels: settings.labels, alpha: settings.alpha)
    }

    /// Source of the label of `clip`.
    package func source(of clip: Clip) -> Source {
        guard settings.labels != .hard, let emotion = clip.emotion else { return .intended }
        if clip.votes != nil { return .votes }
        return heard[emotion.rawValue] == nil ? .intended : .heard
    }

    /// The label of `clip`, by raw value; `nil` for a clip without an emotion.
    package func label(of clip: Clip) -> [Float]? {
        guard let emotion = clip.emotion else { return nil }
        let intended = Emotion.allCases.map { $0 == emotion ? 1.0 : 0 }
        let label: [Double]
        switch (source(of: clip), settings.labels) {
        case (.votes, .multi):
            label = shares(of: clip).map { $0 > settings.threshold ? 1 : 0 }
        case (.votes, _):
            label = shares(of: clip)
        case (.heard, .multi):
            // Some listener chose every class now and then; a class counts if it was chosen more often than by chance.
            let chance = 1 / Double(max(1, matrix.chosen.count))
            label = zip(mixed(intended, emotion), intended).map {
                $0 > max(settings.threshold, chance) ? 1 : $1
            }
        case (.heard, _):
            label = mixed(intended, emotion)
        case (.intended, _):
            label = intended
        }
        return label.map { Float($0) }
    }

    private func shares(of clip: Clip) -> [Double] { clip.votes?.shares ?? [] }

    private func mixed(_ intended: [Double], _ emotion: Emotion) -> [Double] {
        let share = settings.intendedShare ?? 0
        return zip(intended, heard[emotion.rawValue] ?? intended).map { share * $0 + (1 - share) * $1 }
    }

    private static func mean(_ rows: [[Double]]) -> [Double]? {
        guard let first = rows.first else { return nil }
        return first.indices.map { column in rows.reduce(0) { $0 + $1[column] } / Double(rows.count) }
    }
}
