// SPDX-License-Identifier: Apache-2.0
public import Foundation

/// What many listeners heard in the clips of a corpus, read from its tables alone: no audio is needed.
public struct ListenerVotes: Sendable {
    /// One clip and its votes.
    public struct Rating: Sendable, Hashable {
        /// The clip's name in the corpus.
        public let name: String
        /// What the speaker was asked for, or the corpus's own label; `nil` where there is none of the seven classes.
        public let intended: Emotion?
        /// What the listeners answered.
        public let votes: EmotionVotes

        /// Each parameter as its property says.
        public init(name: String, intended: Emotion?, votes: EmotionVotes) {
            (self.name, self.intended, self.votes) = (name, intended, votes)
        }
    }

    /// What the people who voted were given.
    public enum Presentation: String, Sendable, CaseIterable { case voice, face, both }

    /// Every clip that somebody voted on, in the order of the file.
    public let ratings: [Rating]

    /// Reads the votes in `folder`: CREMA-D's `tabulatedVotes.csv`, of which the voice alone counts, or the columns
    /// `votes_neutral`, `votes_happy` ... of a corpus's `manifest.csv`.
    ///
    /// - Throws: an error that names the file and line that is wrong, or the folder if nobody voted there.
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
                reason: "it holds neither tabulatedVotes.csv nor votes in its manifest.csv"
            )
        }
    }

    /// The votes of those clips that have any.
    public init(of clips: some Sequence<Clip>) { self.init(ratings: clips.compactMap(\.rating)) }

    /// The votes but for those on any of `clips`, which a corpus and its table of votes may call by path or by file name
    /// without its ending.
    public func leavingOut(_ clips: some Sequence<Clip>) -> ListenerVotes {
        let names = Set(clips.flatMap { [$0.path, $0.file.deletingPathExtension().lastPathComponent] })
        return ListenerVotes(ratings: ratings.filter { !names.contains($0.name) })
    }

    /// The given ratings.
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

    /// Reads CREMA-D's `tabulatedVotes.csv` (Cao et al. 2014): three lines a clip, told apart by the first digit of the
    /// line's name, 1 for the voice, 2 for the face, 3 for both. Clips that nobody voted on are left out.
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
                throw table.problem("the votes in column '\(column)' are no number", in: row)
            }
            counts[emotion] = count
        }
        return counts
    }
}
