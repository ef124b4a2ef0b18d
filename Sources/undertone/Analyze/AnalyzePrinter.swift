// SPDX-License-Identifier: Apache-2.0
import ServiceRuntime

/// The lines of `undertone analyze` on standard output: a row a file, or its utterances.
struct AnalyzePrinter {
    private let clips: (any ClipFormat)?
    private let utterances: (any UtteranceWriter)?
    private let isForOneRecording: Bool
    private var count = 0
    /// Recordings whose utterances have different labels, which a table of files does not show.
    private(set) var mixedCount = 0

    /// - Parameters:
    ///   - clips: the shape of the rows of files; nil for none.
    ///   - utterances: the shape of the utterances; nil for none.
    init(clips: (any ClipFormat)?, utterances: (any UtteranceWriter)?, isForOneRecording: Bool = false) {
        (self.clips, self.utterances) = (clips, utterances)
        self.isForOneRecording = isForOneRecording
    }

    /// Text above the first row.
    var header: String { (utterances?.header ?? "") + (utterances == nil ? clips?.header ?? "" : "") }

    /// The lines for one recording.
    ///
    /// - Throws: a failure at the second recording where a format holds one only.
    mutating func lines(_ recording: AnalysedRecording) throws(ProgramFailure) -> String {
        count += 1
        if isForOneRecording, count > 1 {
            throw ProgramFailure(
                .usage,
                "this format holds one recording only; give --out, a folder for one file a recording"
            )
        }
        if recording.clip.labelCounts.count > 1 { mixedCount += 1 }
        return (utterances?.text(recording.table) ?? "") + (clips?.line(recording.clip) ?? "")
    }
}
