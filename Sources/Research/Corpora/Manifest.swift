// SPDX-License-Identifier: Apache-2.0
public import Foundation

/// One recording of a corpus, with the data in its manifest.
public struct Clip: Sendable, Hashable {
    /// Name of the corpus, which is the folder's name.
    public let corpus: String
    /// Path of the audio file, relative to the corpus folder.
    public let path: String
    /// Name of the speaker; nil if the corpus does not state it.
    public let speaker: String?
    /// Sex of the speaker, if stated.
    public let sex: Sex?
    /// Age of the speaker in years, if stated.
    public let age: Int?
    /// The corpus's own label.
    public internal(set) var word: String?
    /// The corpus's own word for the intensity.
    public let intensity: String?
    /// Sentence, word or group in the corpus.
    public let sentence: String?
    /// Path of the face series, relative to the corpus folder; nil if the clip has none.
    public let faceFile: String?
    /// Number of listeners who chose each class; nil if the manifest has no votes.
    public let votes: EmotionVotes?
    /// Arousal and other attributes, each -1...1, if the corpus has numbers or levels of them.
    public internal(set) var attributes: [Attribute: Double]
    /// Length in seconds.
    public let durationSeconds: Double
    /// The audio file.
    public let file: URL
    /// The corpus's own split; folds ignore it.
    public let split: Split?
    /// The manifest file, for errors.
    public let manifest: String
    /// The line of the manifest, for errors.
    public let line: Int

    /// Use of a clip according to the authors of its corpus.
    public enum Split: String, Sendable, Hashable, CaseIterable { case train, development, test }

    /// The class of ``word``.
    public var emotion: Emotion? { word.flatMap(Emotion.init(word:)) }
    /// Unique name: corpus and path.
    public var name: String { corpus + "/" + path }

    /// The clip with another word for its emotion.
    package func labelled(_ word: String) -> Clip {
        var clip = self
        clip.word = word
        return clip
    }
}

/// A corpus: a folder with a `manifest.csv` and the audio files in it.
///
/// Columns: `path`, `label`, `duration_s` are required; optional are `speaker`, `sex` (F or M), `sentence`, `split` (train,
/// development or test), other known columns (`face_csv`, `fps`, `kind`, `recording`, `start_s`, `intensity`, `rep`, `age`,
/// `text`, `environment`, `place`, `peak`, `rms_db`), `votes_neutral`, `votes_happy` ... (numbers of listeners who chose
/// each class), and `arousal`, `valence`, `dominance`, each -1 to 1. Any other column is refused, so that a misspelt one is
/// not treated as absent.
public struct Manifest: Sendable {
    /// Name of the corpus, which is the folder's name.
    public let corpus: String
    /// Name of the manifest file in errors.
    public let file: String
    /// All clips, in the order of the file.
    public internal(set) var clips: [Clip]

    private static let required = ["path", "label", "duration_s"]
    private static let optional =
        [
            "speaker", "sex", "sentence", "split", "intensity", "age", "text", "environment", "place", "peak",
            "rms_db", "face_csv", "fps", "kind", "recording", "start_s", "rep",
        ] + Emotion.allCases.map(votesColumn) + Attribute.allCases.map(\.rawValue)

    /// Reads `manifest.csv` of the corpus in `folder`.
    public init(folder: URL) throws(CorporaError) {
        try self.init(CSVTable(file: folder.appending(path: "manifest.csv")), folder: folder)
    }

    /// Parses `table` as the manifest of the corpus in `folder`.
    package init(_ table: CSVTable, folder: URL) throws(CorporaError) {
        try table.requireColumns(Self.required, optional: Self.optional)
        var clips: [Clip] = []
        var lines: [String: Int] = [:]
        for row in table.rows {
            let clip = try Self.clip(row, of: table, in: folder)
            if let first = lines.updateValue(row.line, forKey: clip.path) {
                throw table.problem("'\(clip.path)' is already listed on line \(first)", in: row)
            }
            clips.append(clip)
        }
        (corpus, file, self.clips) = (folder.lastPathComponent, table.file, clips)
    }

    private static func clip(
        _ row: CSVTable.Row,
        of table: CSVTable,
        in folder: URL
    ) throws(CorporaError) -> Clip {
        guard let path = table.value("path", in: row) else {
            throw table.problem("the path is empty", in: row)
        }
        let faceFile = table.value("face_csv", in: row)
        for path in [path, faceFile ?? ""] where leadsOut(path.utf8) {
            throw table.problem("the path '\(path)' leads out of the corpus folder", in: row)
        }
        let duration = table.value("duration_s", in: row) ?? ""
        guard let seconds = Double(duration), seconds > 0, seconds.isFinite else {
            throw table.problem("the duration '\(duration)' is not a positive number of seconds", in: row)
        }
        let letter = table.value("sex", in: row)
        let sex = letter.flatMap(Sex.init(rawValue:))
        if let letter, sex == nil { throw table.problem("the sex '\(letter)' is neither F nor M", in: row) }
        return Clip(
            corpus: folder.lastPathComponent,
            path: path,
            speaker: table.value("speaker", in: row),
            sex: sex,
            age: try age(row, of: table),
            word: table.value("label", in: row),
            intensity: table.value("intensity", in: row),
            sentence: table.value("sentence", in: row),
            faceFile: faceFile,
            votes: try votes(row, of: table),
            attributes: try attributes(row, of: table),
            durationSeconds: seconds,
            file: folder.appending(path: path),
            split: try split(row, of: table),
            manifest: table.file,
            line: row.line
        )
    }

    /// True if the path leads out of the folder. The file system sees bytes and stops at a zero, while a `Character` may be
    /// a slash with an accent.
    private static func leadsOut(_ path: String.UTF8View) -> Bool {
        let slash = UInt8(ascii: "/")
        return path.first == slash || path.contains(0)
            || path.split(separator: slash).contains { $0.elementsEqual("..".utf8) }
    }

    /// The column with the number of listeners who chose `emotion`.
    static func votesColumn(_ emotion: Emotion) -> String { "votes_\(emotion.name)" }

    private static func age(_ row: CSVTable.Row, of table: CSVTable) throws(CorporaError) -> Int? {
        guard let field = table.value("age", in: row) else { return nil }
        guard let age = Int(field), (0...150).contains(age) else {
            throw table.problem("the age '\(field)' is not a number of years", in: row)
        }
        return age
    }

    private static func split(_ row: CSVTable.Row, of table: CSVTable) throws(CorporaError) -> Clip.Split? {
        guard let word = table.value("split", in: row) else { return nil }
        guard let split = Clip.Split(rawValue: word) else {
            let known = Clip.Split.allCases.map(\.rawValue).joined(separator: ", ")
            throw table.problem("the split '\(word)' is none of \(known)", in: row)
        }
        return split
    }

    /// An empty field is a class that no listener chose, or that could not be chosen.
    private static func votes(_ row: CSVTable.Row, of table: CSVTable) throws(CorporaError) -> EmotionVotes? {
        var counts: [Emotion: Int] = [:]
        for emotion in Emotion.allCases {
            guard let field = table.value(votesColumn(emotion), in: row) else { continue }
            guard let count = EmotionVotes.count(in: field) else {
                throw table.problem(
                    "column '\(votesColumn(emotion))': '\(field)' is not a vote count",
                    in: row
                )
            }
            counts[emotion] = count
        }
        guard counts.isEmpty || counts.values.contains(where: { $0 > 0 }) else {
            throw table.problem(
                "all votes are 0; leave the votes of a clip empty if no listener voted on it",
                in: row
            )
        }
        return EmotionVotes(counts)
    }

    /// The clips with an emotion label: each must name its speaker and one of the seven classes. Clips without a label
    /// are left out.
    ///
    /// - Parameter ignoring: labels of the corpus to leave out, such as "none".
    /// - Throws: an error that names file and line of a clip without speaker or with an unknown label.
    public func emotionalClips(ignoring: Set<String> = []) throws(CorporaError) -> [Clip] {
        var kept: [Clip] = []
        for clip in clips where clip.word.map({ !ignoring.contains($0) }) ?? false {
            guard clip.emotion != nil else {
                throw problem(
                    "the label '\(clip.word ?? "")' is none of \(Emotion.names.joined(separator: ", "))",
                    clip
                )
            }
            guard clip.speaker != nil else {
                throw missingSpeaker(clip)
            }
            kept.append(clip)
        }
        return kept
    }

    func missingSpeaker(_ clip: Clip) -> CorporaError {
        problem("the speaker is missing, so that no split could keep speakers apart", clip)
    }

    private func problem(_ text: String, _ clip: Clip) -> CorporaError {
        .malformed(file: file, line: clip.line, problem: text)
    }
}
