// SPDX-License-Identifier: Apache-2.0
import AudioFiles
import Foundation

/// File names and labels of a published corpus.
public enum CorpusLayout: String, CaseIterable, Sendable {
    case cremaD = "crema-d"
    case mspFace = "msp-face"
    case mspPodcast = "msp-podcast"
    case iemocap
    case ravdess
    case emoDB = "emodb"
    case turEV = "turev-db"
    case emoGator = "emogator"
    case esc50 = "esc-50"
    case librispeech
    case speechCommands = "speech-commands"
    /// The user's own recordings: `LABEL/file` or `LABEL/SPEAKER/file`.
    case folders

    /// Choice between several labels.
    public struct Rules: Sendable {
        /// Source of CREMA-D's label.
        public enum Source: String, CaseIterable, Sendable {
            /// Emotion that the actor was asked for.
            case intended
            /// Choice of most listeners; clips without a single winner have no label.
            case voice
            /// Choice of most people who saw and heard the clip.
            case audiovisual
        }

        /// Source of the label; CREMA-D only.
        public var label = Source.intended
        /// True to count excitement as happiness, as in the four-class protocols; IEMOCAP only.
        public var mergesExcitement = false

        /// The usual rules.
        public init() {}
    }

    /// Every recording of the corpus in the folder of `tree`, sorted by file.
    ///
    /// A word for none of the seven classes, such as contempt or "no agreement", leaves the clip without a label.
    /// - Throws: an error that names a file or line that differs from the published corpus.
    func clips(in tree: AudioTree, _ rules: Rules) throws(CorporaError) -> [ImportedClip] {
        let clips =
            switch self {
            case .cremaD: try CremaD.clips(tree, rules.label)
            case .mspFace: try MSPFace.clips(tree)
            case .mspPodcast: try MSPPodcast.clips(tree)
            case .iemocap: try IEMOCAP.clips(tree, mergesExcitement: rules.mergesExcitement)
            case .ravdess: RAVDESS.clips(tree)
            case .emoDB: EmoDB.clips(tree)
            case .turEV: TurEV.clips(tree)
            case .emoGator: EmoGator.clips(tree)
            case .esc50: try ESC50.clips(tree)
            case .librispeech: try LibriSpeech.clips(tree)
            case .speechCommands: try SpeechCommands.clips(tree)
            case .folders: try LabelFolders.clips(tree)
            }
        guard !clips.isEmpty else {
            throw .unreadable(
                path: tree.folder.path,
                reason: (["no recording in it is named as in the layout '\(rawValue)'"]
                    + tree.passedOver.sentences)
                    .joined(separator: "; ")
            )
        }
        return clips
    }
}

/// One recording of a published corpus.
struct ImportedClip {
    let file: URL
    var speaker: String?
    var sex: Sex?
    /// Age in years.
    var age: Int?
    var emotion: Emotion?
    var sentence: String?
    var split: Clip.Split?
    /// Number of people who chose each class.
    var votes: EmotionVotes?
    /// Arousal and other attributes, on the scale of the manifest.
    var attributes: [Attribute: Double] = [:]
}

/// The recordings under a folder, by name.
struct AudioTree {
    let folder: URL
    /// All recordings, sorted by path.
    let files: [URL]
    /// Files that look like recordings and were not taken.
    let passedOver: PassedOver
    private let byStem: [String: URL]

    init(_ folder: URL) throws(CorporaError) {
        var search = RecordingSearch(folder.path)
        var paths: [String] = []
        while let found = search.next() {
            switch found {
            case .recording(let path): paths.append(path)
            case .unreadable(let path, code: ENOENT):
                throw .unreadable(path: path, reason: "there is no such folder")
            case .unreadable(let path, let code):
                throw .unreadable(path: path, reason: String(cString: strerror(code)))
            }
        }
        self.folder = folder
        passedOver = search.passedOver
        files = paths.sorted().map { URL(filePath: $0) }
        byStem = Dictionary(files.map { ($0.deletingPathExtension().lastPathComponent, $0) }) { first, _ in
            first
        }
    }

    /// The recording called `stem`, in any subfolder.
    func file(named stem: String) -> URL? { byStem[stem] }

    /// A document of the corpus at one of `paths`; nil if there is none.
    func existing(_ paths: String...) -> URL? { first(of: paths) }

    private func first(of paths: [String]) -> URL? {
        paths.map { folder.appending(path: $0) }.first { FileManager.default.fileExists(atPath: $0.path) }
    }

    /// A document of the corpus at one of `paths`; throws if there is none.
    func document(_ paths: String...) throws(CorporaError) -> URL {
        guard let found = first(of: paths) else {
            throw .unreadable(
                path: folder.appending(path: paths[0]).path,
                reason: "the corpus keeps its labels there, and it is missing"
            )
        }
        return found
    }

    /// The non-empty lines of a document, with their numbers.
    func lines(of document: URL) throws(CorporaError) -> [(number: Int, text: String)] {
        do {
            return try String(contentsOf: document, encoding: .utf8)
                .split(separator: "\n", omittingEmptySubsequences: false).enumerated()
                .map { ($0 + 1, $1.trimmingCharacters(in: .whitespacesAndNewlines)) }.filter { !$0.1.isEmpty }
        } catch {
            throw .unreadable(path: document.path, reason: reason(error))
        }
    }
}
