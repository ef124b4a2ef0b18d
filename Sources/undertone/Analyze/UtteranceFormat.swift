// SPDX-License-Identifier: Apache-2.0

/// A file format for utterances.
package enum UtteranceFormat: String, CaseIterable, Sendable {
    case csv, jsonl, srt, vtt, textgrid, elan, rttm

    /// The formats in `text`, separated by commas, each once.
    ///
    /// - Throws: ``UnknownFormat`` with the first word that is none.
    package static func list(_ text: String) throws(UnknownFormat) -> [UtteranceFormat] {
        var formats: [UtteranceFormat] = []
        for word in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let format = UtteranceFormat(rawValue: String(word)) else {
                throw UnknownFormat(word: String(word))
            }
            if !formats.contains(format) { formats.append(format) }
        }
        return formats
    }

    /// True if a file holds one recording only.
    package var isForOneRecording: Bool { [.srt, .vtt, .textgrid, .elan].contains(self) }

    /// The end of a file's name.
    package var fileExtension: String {
        switch self {
        case .textgrid: "TextGrid"
        case .elan: "elan.txt"
        default: rawValue
        }
    }

    /// A writer for a model with these labels.
    package func writer(labels: [String]) -> any UtteranceWriter {
        switch self {
        case .csv: UtteranceCSV(labels: labels)
        case .jsonl: UtteranceJSON(labels: labels)
        case .srt: SubRip()
        case .vtt: WebVTT()
        case .textgrid: TextGrid()
        case .elan: ELANTable()
        case .rttm: RTTM()
        }
    }
}

/// A word that is no format.
package struct UnknownFormat: Error, Equatable, CustomStringConvertible {
    package let word: String

    package var description: String {
        "--format is '\(word)', but must be one or more of "
            + UtteranceFormat.allCases.map(\.rawValue).joined(separator: ", ") + ", separated by commas"
    }
}
