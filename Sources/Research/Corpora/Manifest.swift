// SPDX-License-Identifier: Apache-2.0
public import Foundation

/// One recording of a corpus, as its manifest states it.
public struct Clip: Sendable, Hashable {
    /// The name of the corpus: the folder's name.
    public let corpus: String
    /// The audio file, relative to the corpus folder.
    public let path: String
    /// Who speaks; `nil` where the corpus does not say.
    public let speaker: String?
    /// The speaker's sex, where stated.
    public let sex: Sex?
    /// The speaker's age in years, where stated.
    public let age: Int?
    /// The corpus's own word for what is heard.
    public internal(set) var word: String?
    /// The corpus's own word for how strongly it is said.
    public let intensity: String?
    /// The sentence, word or group that the corpus names.
    public let sentence: String?
    /// The face series, relative to the corpus folder; `nil` where the clip has none.
    public let faceFile: String?
    /// How many listeners chose each class; `nil` where the manifest has no votes.
    public let votes: EmotionVotes?
    /// Arousal and such, each -1...1, where the corpus has numbers or levels of it.
    public internal(set) var attributes: [Attribute: Double]
    /// Length in seconds.
    public let durationSeconds: Double
    /// The audio file.
    public let file: URL
    /// The corpus's own division of its clips; folds do not look at it.
    public let split: Split?
    /// The manifest file, for errors.
    public let manifest: String
    /// The line of the manifest, for errors.
    public let line: Int

    /// What a corpus's authors would use a clip for.
    public enum Split: String, Sendable, Hashable, CaseIterable { case train, development, test }

    /// The class that ``word`` names.
    public var emotion: Emotion? { word.flatMap(Emotion.init(word:)) }
    /// A name that no other clip has: corpus and path.
    public var name: String { corpus + "/" + path }

    /// The clip with another word for its emotion.
    package func labelled(_ word: String) -> Clip {
        var clip = self
        clip.word = word
        return clip
    }
}

/// A corpus: a folder with a `manifest.csv` and the audio that it lists.
///
/// Columns: `path`, `label`, `duration_s` are required; `speaker`, `sex` (F or M), `sentence`, `split` (train, development or test) and what else
/// corpora bring (`face_csv`, `fps`, `kind`, `recording`, `start_s`, `intensity`, `rep`, `age`, `text`, `environment`,
/// `place`, `peak`, `rms_db`) are optional, and so are `votes_neutral`, `votes_happy` ...: how many listeners chose each
/// class, and `arousal`, `valence`, `dominance`, each -1 to 1. Any other column is refused, so that a misspelt one cannot pass for an
/// absent one.
public struct Manifest: Sendable {
    /// The corpus's name: its folder's name.
    public let corpus: String
    /// The manifest file, as errors name it.
    public let file: String
    /// Every clip, in the order of the file.
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

    /// What `table` says of the corpus in `folder`.
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

    /// Whether the file system would leave the folder. It sees bytes and ends at a zero, where a `Character` may be a
    /// slash with an accent.
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

    /// An empty field is a class that no listener chose, or could choose.
    private static func votes(_ row: CSVTable.Row, of table: CSVTable) throws(CorporaError) -> EmotionVotes? {
        var counts: [Emotion: Int] = [:]
        for emotion in Emotion.allCases {
            guard let field = table.value(votesColumn(emotion), in: row) else { continue }
            guard let count = EmotionVotes.count(in: field) else {
                throw table.problem(
                    "the votes '\(field)' in column '\(votesColumn(emotion))' are no number of listeners",
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

    /// The clips that teach emotions: each must name its speaker and one of the seven classes. Clips without any label
    /// are left out.
    ///
    /// - Parameter ignoring: words of the corpus that are left out, such as "none".
    /// - Throws: an error that names file and line for a clip without speaker or with a word that is no class.
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
