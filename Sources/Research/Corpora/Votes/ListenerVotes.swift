// SPDX-License-Identifier: Apache-2.0
public import Foundation

/// Votes of listeners on the clips of a corpus, read only from its tables: no audio is needed.
public struct ListenerVotes: Sendable {
    /// One clip and its votes.
    public struct Rating: Sendable, Hashable {
        /// Name of the clip in the corpus.
        public let name: String
        /// Emotion that the speaker was asked for, or the corpus's own label; nil if it is none of the seven classes.
        public let intended: Emotion?
        /// Votes of the listeners.
        public let votes: EmotionVotes

        /// Sets each property to the parameter of its name.
        public init(name: String, intended: Emotion?, votes: EmotionVotes) {
            (self.name, self.intended, self.votes) = (name, intended, votes)
        }
    }

    /// Presentation of the clip to the listeners.
    public enum Presentation: String, Sendable, CaseIterable { case voice, face, both }

    /// Every clip with votes, in the order of the file.
    public let ratings: [Rating]

    /// Reads the votes in `folder`: the votes on the voice alone in CREMA-D's `tabulatedVotes.csv`, or the columns
    /// `votes_neutral`, `votes_happy` ... of a corpus's `manifest.csv`.
    ///
    /// - Throws: an error that names the invalid line and its file, or the folder if it has no votes.
    public init(folder: URL) throws(CorporaError) {
        let places = ["tabulatedVotes.csv", "processedResults/tabulatedVotes.csv"]
            .map { folder.appending(path: $0) }
        if let file = places.first(where: { FileManager.default.fileExists(atPath: $0.path) }) {
            try self.init(cremaD: file, .voice)
        } else {
            try self.init(ratings: Manifest(folder: folder).clips.compactMap(\.rating))
        }
        guard !ratings.isEmpty else {
            throw .unreadable(
                path: folder.path,
                reason: "it has neither tabulatedVotes.csv nor votes in its manifest.csv"
            )
        }
    }

    /// The votes of those clips that have any.
    public init(of clips: some Sequence<Clip>) { self.init(ratings: clips.compactMap(\.rating)) }

    /// The votes without those on any of `clips`. A corpus and its table of votes may name a clip by path or by file name
    /// without suffix.
    public func leavingOut(_ clips: some Sequence<Clip>) -> ListenerVotes {
        let names = Set(clips.flatMap { [$0.path, $0.file.deletingPathExtension().lastPathComponent] })
        return ListenerVotes(ratings: ratings.filter { !names.contains($0.name) })
    }

    /// Creates a list of ratings.
    public init(ratings: [Rating]) { self.ratings = ratings }
}

extension Clip {
    fileprivate var rating: ListenerVotes.Rating? {
        votes.map { ListenerVotes.Rating(name: path, intended: emotion, votes: $0) }
    }
}

extension ListenerVotes {
    private static let columns: [(String, Emotion)] = [
        ("A", .angry), ("D", .disgusted), ("F", .fearful), ("H", .happy), ("N", .neutral), ("S", .sad),
    ]

    /// Reads CREMA-D's `tabulatedVotes.csv` (Cao et al. 2014): three lines a clip, distinguished by the first digit of the
    /// line's name, 1 for the voice, 2 for the face, 3 for both. Clips without votes are left out.
    init(cremaD file: URL, _ presentation: Presentation) throws(CorporaError) {
        let table = try CSVTable(file: file)
        let digit =
            switch presentation {
            case .voice: "1"
            case .face: "2"
            case .both: "3"
            }
        for column in ["", "fileName"] + Self.columns.map(\.0) where !table.columns.contains(column) {
            throw .malformed(file: table.file, line: 1, problem: "the column '\(column)' is missing")
        }
        var ratings: [Rating] = []
        for row in table.rows where table.value("", in: row)?.hasPrefix(digit) == true {
            guard let name = table.value("fileName", in: row) else {
                throw table.problem("the fileName is missing", in: row)
            }
            guard let votes = EmotionVotes(try Self.counts(row, of: table)) else { continue }
            ratings.append(Rating(name: name, intended: CremaD.intended(name), votes: votes))
        }
        self.init(ratings: ratings)
    }

    private static func counts(_ row: CSVTable.Row, of table: CSVTable) throws(CorporaError) -> [Emotion: Int]
    {
        var counts: [Emotion: Int] = [:]
        for (column, emotion) in columns {
            guard let count = table.value(column, in: row).flatMap(EmotionVotes.count) else {
                throw table.problem("column '\(column)' has no vote count", in: row)
            }
            counts[emotion] = count
        }
        return counts
    }
}
