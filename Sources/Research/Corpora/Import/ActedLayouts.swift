// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Corpora whose file names contain all labels. Other files are ignored.
///
/// RAVDESS (Livingstone & Russo 2018): modality-channel-emotion-intensity-statement-repetition-actor; 03-01 is audio of
/// speech, and even actors are women.
enum RAVDESS {
    private static let emotions: [Emotion] = [
        .neutral, .neutral, .happy, .sad, .angry, .fearful, .disgusted, .surprised,
    ]

    static func clips(_ tree: AudioTree) -> [ImportedClip] {
        tree.files.compactMap { file in
            let parts = file.deletingPathExtension().lastPathComponent.split(separator: "-").compactMap {
                Int($0)
            }
            guard parts.count == 7, parts[0] == 3, parts[1] == 1, (1...8).contains(parts[2]),
                (1...24).contains(parts[6])
            else { return nil }
            return ImportedClip(
                file: file,
                speaker: "rav" + (parts[6] < 10 ? "0" : "") + "\(parts[6])",
                sex: parts[6].isMultiple(of: 2) ? .female : .male,
                emotion: emotions[parts[2] - 1],
                sentence: "S0\(parts[4])"
            )
        }
    }
}

/// EmoDB (Burkhardt et al. 2005): speaker, text, German initial of the emotion, version, as in 03a01Fa.
enum EmoDB {
    private static let emotions: [Character: Emotion] = [
        "W": .angry, "E": .disgusted, "A": .fearful, "F": .happy, "T": .sad, "N": .neutral,
    ]
    private static let boredom: Character = "L"
    private static let men: Set<String> = ["03", "10", "11", "12", "15"]
    private static let women: Set<String> = ["08", "09", "13", "14", "16"]

    static func clips(_ tree: AudioTree) -> [ImportedClip] {
        tree.files.compactMap { file in
            let name = Array(file.deletingPathExtension().lastPathComponent)
            guard name.count >= 6, men.union(women).contains(String(name[..<2])),
                emotions[name[5]] != nil || name[5] == boredom
            else { return nil }
            let speaker = String(name[..<2])
            return ImportedClip(
                file: file,
                speaker: speaker,
                sex: women.contains(speaker) ? .female : .male,
                emotion: emotions[name[5]],
                sentence: String(name[2..<5])
            )
        }
    }
}

/// CREMA-D (Cao et al. 2014): actor_sentence_emotion_level; the listeners' votes are in tabulatedVotes.csv.
enum CremaD {
    private static let codes: [String: Emotion] = [
        "ANG": .angry, "DIS": .disgusted, "FEA": .fearful, "HAP": .happy, "NEU": .neutral, "SAD": .sad,
    ]
    /// The emotion that the actor was asked for, from the name of a clip.
    static func intended(_ name: String) -> Emotion? {
        let parts = name.split(separator: "_")
        return parts.count == 4 ? codes[String(parts[2])] : nil
    }

    static func clips(_ tree: AudioTree, _ label: CorpusLayout.Rules.Source) throws(CorporaError)
        -> [ImportedClip]
    {
        let votes = try votes(tree, label == .audiovisual ? .both : .voice, isNeeded: label != .intended)
        let actors = try actors(tree)
        return tree.files.compactMap { file in
            let name = file.deletingPathExtension().lastPathComponent
            let parts = name.split(separator: "_").map(String.init)
            guard parts.count == 4, Int(parts[0]) != nil, let intended = intended(name) else { return nil }
            return ImportedClip(
                file: file,
                speaker: "crema_" + parts[0],
                sex: actors[parts[0]]?.sex,
                age: actors[parts[0]]?.age,
                emotion: label == .intended ? intended : votes[name].flatMap(winner),
                sentence: parts[1],
                votes: votes[name]
            )
        }
    }

    private static func winner(_ votes: EmotionVotes) -> Emotion? {
        let most = votes.counts.max() ?? 0
        let first = votes.counts.indices.filter { votes.counts[$0] == most }
        return first.count == 1 ? Emotion(rawValue: first[0]) : nil
    }

    private static func votes(
        _ tree: AudioTree,
        _ presentation: ListenerVotes.Presentation,
        isNeeded: Bool
    ) throws(CorporaError) -> [String: EmotionVotes] {
        let (place, other) = ("processedResults/tabulatedVotes.csv", "tabulatedVotes.csv")
        guard isNeeded || tree.existing(place, other) != nil else { return [:] }
        let ratings = try ListenerVotes(cremaD: tree.document(place, other), presentation).ratings
        return Dictionary(ratings.map { ($0.name, $0.votes) }) { first, _ in first }
    }

    private static func actors(_ tree: AudioTree) throws(CorporaError) -> [String: (sex: Sex?, age: Int?)] {
        guard let file = try? tree.document("VideoDemographics.csv") else { return [:] }
        let table = try CSVTable(file: file)
        var actors: [String: (sex: Sex?, age: Int?)] = [:]
        for row in table.rows {
            let sex = table.value("Sex", in: row)
            actors[table.value("ActorID", in: row) ?? ""] = (
                sex == "Female" ? .female : sex == "Male" ? .male : nil,
                table.value("Age", in: row).flatMap { Int($0) }
            )
        }
        return actors
    }
}

/// TurEV-DB (Canpolat et al. 2020): speaker_emotion_word, one word a file, as in 1157_kz_acik.
enum TurEV {
    private static let codes: [String: Emotion] = [
        "kz": .angry, "hl": .sad, "mt": .happy, "sk": .neutral,
    ]

    static func clips(_ tree: AudioTree) -> [ImportedClip] {
        tree.files.compactMap { file in
            let parts = file.deletingPathExtension().lastPathComponent.split(separator: "_").map(String.init)
            guard parts.count == 3, Int(parts[0]) != nil, let emotion = codes[parts[1]] else { return nil }
            return ImportedClip(
                file: file,
                speaker: "turev_" + parts[0],
                emotion: emotion,
                sentence: parts[2]
            )
        }
    }
}

/// The user's own recordings, with a folder for each label and, optionally, subfolders for speakers.
enum LabelFolders {
    static func clips(_ tree: AudioTree) throws(CorporaError) -> [ImportedClip] {
        let root = tree.folder.standardizedFileURL.pathComponents.count
        var clips: [ImportedClip] = []
        for file in tree.files {
            let folders = Array(file.standardizedFileURL.pathComponents.dropFirst(root).dropLast())
            guard let label = folders.first else { continue }
            guard let emotion = Emotion(word: label) else {
                throw .unreadable(
                    path: tree.folder.appending(path: label).path,
                    reason:
                        "a folder must be called \(Emotion.names.joined(separator: ", ")); rename or remove it"
                )
            }
            clips.append(
                ImportedClip(file: file, speaker: folders.count > 1 ? folders[1] : "one", emotion: emotion)
            )
        }
        return clips
    }
}
