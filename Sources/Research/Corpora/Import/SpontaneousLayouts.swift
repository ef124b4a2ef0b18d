// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Label letters of the lab's corpora: A anger, H happiness, S sadness, N neutral, U surprise, F fear, D disgust; C
/// contempt, O other and X no agreement leave a clip without a label.
private let letters: [String: Emotion] = [
    "A": .angry, "H": .happy, "S": .sad, "N": .neutral, "U": .surprised, "F": .fearful, "D": .disgusted,
]

private func sex(_ word: String?) -> Sex? {
    switch word?.lowercased() {
    case "female", "f": .female
    case "male", "m": .male
    default: nil
    }
}

/// The split in the lab's corpora: Train, Development or Validation, and one or more tests, such as Test1.
private func split(_ word: String?) -> Clip.Split? {
    let word = word?.lowercased() ?? ""
    if word.hasPrefix("test") { return .test }
    if word.hasPrefix("dev") || word.hasPrefix("val") { return .development }
    return word.hasPrefix("train") ? .train : nil
}

/// MSP-Podcast (Lotfian & Busso 2019): Labels/labels_consensus.csv and Audios/; individual votes in Labels/labels_detailed.csv,
/// if it exists.
enum MSPPodcast {
    static func clips(_ tree: AudioTree) throws(CorporaError) -> [ImportedClip] {
        let table = try CSVTable(file: tree.document("Labels/labels_consensus.csv", "labels_consensus.csv"))
        for column in ["FileName", "EmoClass", "SpkrID", "Split_Set"] where !table.columns.contains(column) {
            throw .malformed(file: table.file, line: 1, problem: "the column '\(column)' is missing")
        }
        let single = tree.existing("Labels/labels_detailed.csv", "labels_detailed.csv")
        let votes = try single.map(WorkerTables.podcast) ?? [:]
        var clips: [ImportedClip] = []
        for row in table.rows {
            let name = table.value("FileName", in: row) ?? ""
            guard let file = tree.file(named: (name as NSString).deletingPathExtension) else {
                throw table.problem("there is no recording '\(name)' in the folder", in: row)
            }
            let speaker = table.value("SpkrID", in: row).flatMap { $0 == "Unknown" ? nil : $0 }
            clips.append(
                ImportedClip(
                    file: file,
                    speaker: speaker,
                    sex: table.columns.contains("Gender") ? sex(table.value("Gender", in: row)) : nil,
                    emotion: letters[table.value("EmoClass", in: row) ?? ""],
                    split: split(table.value("Split_Set", in: row)),
                    votes: votes[name],
                    attributes: try attributes(row, of: table)
                )
            )
        }
        return clips
    }

    /// Means of self-assessment manikins, 1 to 7.
    private static func attributes(_ row: CSVTable.Row, of table: CSVTable) throws(CorporaError)
        -> [Attribute: Double]
    {
        var values: [Attribute: Double] = [:]
        for (attribute, column) in [
            (Attribute.arousal, "EmoAct"), (.valence, "EmoVal"), (.dominance, "EmoDom"),
        ]
        where table.columns.contains(column) {
            guard let field = table.value(column, in: row) else { continue }
            guard let value = Double(field).flatMap({ Attribute.value($0, on: 1...7) }) else {
                throw table.problem("\(column) '\(field)' is not a number from 1 to 7", in: row)
            }
            values[attribute] = value
        }
        return values
    }
}

/// MSP-Face (Vidal et al. 2020): Labels/label_consensus.json for the labelled part, speakers of all in Doc/; single votes in
/// Labels/labels_detailed.json, if it exists.
enum MSPFace {
    private struct Label: Decodable {
        let emotion: String
        let split: String
        let arousal: String?
        let valence: String?
        let dominance: String?

        private enum CodingKeys: String, CodingKey {
            case emotion = "EmoClass_Major"
            case split = "Split_Set"
            case arousal = "EmoAct"
            case valence = "EmoVal"
            case dominance = "EmoDom"
        }

        /// Means of self-assessment manikins, 1 to 7.
        var attributes: [Attribute: Double] {
            let pairs = [(Attribute.arousal, arousal), (.valence, valence), (.dominance, dominance)]
            return Dictionary(
                uniqueKeysWithValues: pairs.compactMap { attribute, text in
                    text.flatMap(Double.init).flatMap { Attribute.value($0, on: 1...7) }.map {
                        (attribute, $0)
                    }
                }
            )
        }
    }

    static func clips(_ tree: AudioTree) throws(CorporaError) -> [ImportedClip] {
        let labels = try labels(tree)
        let speakers = try pairs(
            tree.document("Doc/speaker_id_segments.txt", "speaker_id_segments.txt"),
            tree
        )
        let sexes = try pairs(tree.document("Doc/speaker_id_gender.txt", "speaker_id_gender.txt"), tree)
        let single = tree.existing(
            "Labels/labels_detailed.json",
            "Labels/label_detailed.json",
            "labels_detailed.json"
        )
        let votes = try single.map(WorkerTables.face) ?? [:]
        return tree.files.compactMap { file in
            let name = file.deletingPathExtension().lastPathComponent
            guard name.hasPrefix("MSP-FACE_") else { return nil }
            let speaker = speakers[name + ".mp4"]
            let label = labels[name + ".mp4"]?.first
            return ImportedClip(
                file: file,
                speaker: speaker,
                sex: speaker.flatMap { sex(sexes[$0]) },
                emotion: label.flatMap { letters[$0.emotion] },
                split: label.flatMap { split($0.split) },
                votes: votes[name + ".mp4"],
                attributes: label?.attributes ?? [:]
            )
        }
    }

    private static func labels(_ tree: AudioTree) throws(CorporaError) -> [String: [Label]] {
        let file = try tree.document(
            "Labels/label_consensus.json",
            "Labels/labels_concensus.json",
            "label_consensus.json"
        )
        do {
            return try JSONDecoder().decode([String: [Label]].self, from: Data(contentsOf: file))
        } catch {
            throw .unreadable(path: file.path, reason: "it is not the published table of labels")
        }
    }

    /// Lines of `key,value`.
    private static func pairs(_ file: URL, _ tree: AudioTree) throws(CorporaError) -> [String: String] {
        var pairs: [String: String] = [:]
        for line in try tree.lines(of: file) {
            let parts = line.text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
            guard parts.count == 2 else {
                throw .malformed(file: file.path, line: line.number, problem: "it must have two fields")
            }
            pairs[parts[0]] = parts[1]
        }
        return pairs
    }
}

/// IEMOCAP (Busso et al. 2008): SessionN/dialog/EmoEvaluation/DIALOG.txt, whose lines of turns begin with a time in
/// brackets, and SessionN/sentences/wav/DIALOG/TURN.wav. Each session has two speakers, distinguished by the turn's letter.
enum IEMOCAP {
    private static let codes: [String: Emotion] = [
        "ang": .angry, "hap": .happy, "sad": .sad, "neu": .neutral, "fea": .fearful, "dis": .disgusted,
        "sur": .surprised,
    ]

    static func clips(_ tree: AudioTree, mergesExcitement: Bool) throws(CorporaError) -> [ImportedClip] {
        var clips: [ImportedClip] = []
        for document in try documents(tree) {
            let lines = try tree.lines(of: document)
            let votes = votes(lines, mergesExcitement: mergesExcitement)
            for line in lines where line.text.hasPrefix("[") {
                let fields = line.text.split(separator: "\t").map(String.init)
                // The first line of this form is a legend.
                if line.text.contains("START_TIME") { continue }
                guard fields.count >= 3, let speaker = speaker(fields[1]) else {
                    throw .malformed(
                        file: document.path,
                        line: line.number,
                        problem: "a turn must have its time, its name and its emotion, with tabs between"
                    )
                }
                guard let file = tree.file(named: fields[1]) else {
                    throw .malformed(
                        file: document.path,
                        line: line.number,
                        problem: "there is no recording '\(fields[1]).wav' in the folder"
                    )
                }
                let code = fields[2] == "exc" && mergesExcitement ? "hap" : fields[2]
                clips.append(
                    ImportedClip(
                        file: file,
                        speaker: speaker.name,
                        sex: speaker.sex,
                        emotion: codes[code],
                        votes: votes[fields[1]].flatMap(EmotionVotes.init),
                        attributes: attributes(fields)
                    )
                )
            }
        }
        return clips
    }

    /// The choices of each evaluator, by turn: the lines after it that begin with C-E, with one word or several. Words for
    /// none of the seven classes, such as frustration, are not votes.
    private static func votes(_ lines: [(number: Int, text: String)], mergesExcitement: Bool) -> [String:
        [Emotion: Int]]
    {
        var votes: [String: [Emotion: Int]] = [:]
        var turn = ""
        for (_, text) in lines {
            let fields = text.split(separator: "\t")
            guard fields.count >= 2 else { continue }
            if text.hasPrefix("[") { turn = String(fields[1]) }
            guard text.hasPrefix("C-E") else { continue }
            for part in fields[1].split(separator: ";") {
                let word = part.trimmingCharacters(in: .whitespaces).lowercased()
                let emotion: Emotion? =
                    switch word {
                    case "neutral state": .neutral
                    case "excited": mergesExcitement ? .happy : nil
                    default: Emotion(word: word)
                    }
                if let emotion { votes[turn, default: [:]][emotion, default: 0] += 1 }
            }
        }
        return votes
    }

    /// `[2.5, 3.0, 2.5]`: means of valence, activation and dominance, 1 to 5, the last field of a turn.
    private static func attributes(_ fields: [String]) -> [Attribute: Double] {
        guard let last = fields.dropFirst(3).last?.trimmingCharacters(in: .whitespaces), last.hasPrefix("[")
        else {
            return [:]
        }
        let numbers = last.dropFirst().dropLast().split(separator: ",").map {
            Double($0.trimmingCharacters(in: .whitespaces)).flatMap { Attribute.value($0, on: 1...5) }
        }
        guard numbers.count == 3 else { return [:] }
        let pairs = zip([Attribute.valence, .arousal, .dominance], numbers).compactMap { pair in
            pair.1.map { (pair.0, $0) }
        }
        return Dictionary(uniqueKeysWithValues: pairs)
    }

    /// `Ses01F_impro01_M003` is the male speaker of session 1.
    private static func speaker(_ turn: String) -> (name: String, sex: Sex)? {
        guard turn.hasPrefix("Ses"), turn.count > 5,
            let letter = turn.split(separator: "_").last?.first.map(String.init),
            let sex = Sex(rawValue: letter)
        else { return nil }
        return (turn.prefix(5) + letter, sex)
    }

    private static func documents(_ tree: AudioTree) throws(CorporaError) -> [URL] {
        var documents: [URL] = []
        for session in 1...5 {
            let folder = tree.folder.appending(path: "Session\(session)/dialog/EmoEvaluation")
            let files =
                (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil))
                ?? []
            documents += files.filter { $0.pathExtension == "txt" && $0.lastPathComponent.hasPrefix("Ses") }
        }
        guard !documents.isEmpty else {
            throw .unreadable(
                path: tree.folder.path,
                reason: "there is no SessionN/dialog/EmoEvaluation with labels in it"
            )
        }
        return documents.sorted { $0.path < $1.path }
    }
}
