// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Corpora without emotion labels: hard negatives for the speech head, and speech of many voices. The kind of sound or
/// the word goes to `sentence`, where a recipe's groups select it.

/// ESC-50 (Piczak 2015): audio/fold-recording-take-target.wav, and the name of each target in meta/esc50.csv.
enum ESC50 {
    static func clips(_ tree: AudioTree) throws(CorporaError) -> [ImportedClip] {
        let table = try CSVTable(file: tree.document("meta/esc50.csv", "esc50.csv"))
        for column in ["filename", "category"] where !table.columns.contains(column) {
            throw .malformed(file: table.file, line: 1, problem: "the column '\(column)' is missing")
        }
        var clips: [ImportedClip] = []
        for row in table.rows {
            let name = table.value("filename", in: row) ?? ""
            guard let file = tree.file(named: (name as NSString).deletingPathExtension) else {
                throw table.problem("there is no recording '\(name)' in the folder", in: row)
            }
            clips.append(ImportedClip(file: file, sentence: table.value("category", in: row)))
        }
        return clips
    }
}

/// EmoGator (Buhl 2023): vocal bursts, speaker-category-take as in 000002-03-1. Sounds without words, so they are not
/// examples of any class.
enum EmoGator {
    /// In alphabetical order, numbered from 01.
    private static let categories = [
        "adoration", "amusement", "anger", "awe", "confusion", "contempt", "contentment", "desire",
        "disappointment", "disgust", "distress", "ecstasy", "elation", "embarrassment", "fear", "guilt",
        "interest", "neutral", "pain", "pride", "realization", "relief", "romantic love", "sadness",
        "serenity", "shame", "surprise (negative)", "surprise (positive)", "sympathy", "triumph",
    ]

    static func clips(_ tree: AudioTree) -> [ImportedClip] {
        tree.files.compactMap { file in
            let parts = file.deletingPathExtension().lastPathComponent.split(separator: "-")
            guard parts.count == 3, parts[0].count == 6, let speaker = Int(parts[0]),
                let category = Int(parts[1]), (1...categories.count).contains(category)
            else { return nil }
            return ImportedClip(
                file: file,
                speaker: "emogator_" + padded(speaker, to: 3),
                sentence: categories[category - 1]
            )
        }
    }
}

/// Speech Commands (Warden 2018): word/speaker_nohash_take.wav; testing_list.txt and validation_list.txt define the split.
enum SpeechCommands {
    static func clips(_ tree: AudioTree) throws(CorporaError) -> [ImportedClip] {
        let tests = try listed("testing_list.txt", in: tree)
        let development = try listed("validation_list.txt", in: tree)
        return tree.files.compactMap { file in
            let word = file.deletingLastPathComponent().lastPathComponent
            let parts = file.lastPathComponent.components(separatedBy: "_nohash_")
            guard parts.count == 2, !parts[0].isEmpty else { return nil }
            let name = word + "/" + file.lastPathComponent
            return ImportedClip(
                file: file,
                speaker: "sc_" + parts[0],
                sentence: word,
                split: tests.contains(name) ? .test : development.contains(name) ? .development : .train
            )
        }
    }

    private static func listed(_ name: String, in tree: AudioTree) throws(CorporaError) -> Set<String> {
        guard let file = tree.existing(name) else { return [] }
        return Set(try tree.lines(of: file).map(\.text))
    }
}

/// LibriSpeech (Panayotov et al. 2015): subset/speaker/chapter/speaker-chapter-utterance.flac; sexes in SPEAKERS.TXT.
enum LibriSpeech {
    static func clips(_ tree: AudioTree) throws(CorporaError) -> [ImportedClip] {
        let sexes = try sexes(tree)
        return tree.files.compactMap { file in
            let parts = file.deletingPathExtension().lastPathComponent.split(separator: "-").map(String.init)
            guard parts.count == 3, parts.allSatisfy({ Int($0) != nil }) else { return nil }
            return ImportedClip(
                file: file,
                speaker: "libri_" + parts[0],
                sex: sexes[parts[0]],
                split: split(file.pathComponents)
            )
        }
    }

    private static func split(_ folders: [String]) -> Clip.Split? {
        for (prefix, split) in [("train-", Clip.Split.train), ("dev-", .development), ("test-", .test)]
        where folders.contains(where: { $0.hasPrefix(prefix + "clean") || $0.hasPrefix(prefix + "other") }) {
            return split
        }
        return nil
    }

    /// `14   | F | train-clean-360  | 25.03 | Kristin LeMoine`; a semicolon begins a comment.
    private static func sexes(_ tree: AudioTree) throws(CorporaError) -> [String: Sex] {
        guard let file = tree.existing("SPEAKERS.TXT") else { return [:] }
        var sexes: [String: Sex] = [:]
        for (_, text) in try tree.lines(of: file) where !text.hasPrefix(";") {
            let fields = text.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            if fields.count >= 2 { sexes[fields[0]] = Sex(rawValue: fields[1]) }
        }
        return sexes
    }
}

/// `number` with leading zeros to `width` digits.
private func padded(_ number: Int, to width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
