// SPDX-License-Identifier: Apache-2.0
import ServiceRuntime

/// The files that `undertone analyze` writes next to its lines: those in the folder `--out`, a page, a drawing.
struct AnalyzeOutputs {
    /// Their places, from the command line.
    struct Places {
        var formats: [UtteranceFormat] = []
        var folder: OutputFolder?
        var page: OutputFile?
        var drawing: OutputFile?
    }

    private let places: Places
    private let writers: [(format: UtteranceFormat, writer: any UtteranceWriter)]
    private let clipFormats: [(fileExtension: String, format: any ClipFormat)]
    /// Text of the files that hold all recordings, and of those with a row a file.
    private var tables: [String]
    private var clips: [String]
    private var page: TimelinePage
    private var drawing: TimelineDrawing
    private var count = 0

    init(_ places: Places, labels: [String], attributes: [String]) {
        self.places = places
        writers = places.folder == nil ? [] : places.formats.map { ($0, $0.writer(labels: labels)) }
        clipFormats = (places.folder == nil ? [] : places.formats).compactMap { format in
            switch format {
            case .csv: ("csv", ClipCSV(labels: labels, attributes: attributes))
            case .jsonl: ("jsonl", ClipJSON(labels: labels, attributes: attributes))
            default: nil
            }
        }
        tables = writers.map { $0.writer.header }
        clips = clipFormats.map { $0.format.header ?? "" }
        page = TimelinePage(labels: labels)
        drawing = TimelineDrawing(labels: labels)
    }

    /// Takes one recording. What holds one recording only is written at once.
    mutating func add(_ recording: AnalysedRecording) throws(ProgramFailure) {
        let table = recording.table
        count += 1
        for (index, (format, writer)) in writers.enumerated() {
            if format.isForOneRecording {
                let text = writer.header + writer.text(table)
                try places.folder?.write(text, stem: table.stem, fileExtension: format.fileExtension)
            } else {
                tables[index] += writer.text(table)
            }
        }
        for (index, (_, format)) in clipFormats.enumerated() { clips[index] += format.line(recording.clip) }
        if places.page != nil { page.add(table, recording.timeline) }
        if places.drawing != nil { drawing.add(table, recording.timeline) }
    }

    /// Writes what covers all recordings; nothing where none could be read, so that earlier results stay.
    func finish() throws(ProgramFailure) {
        guard count > 0 else { return }
        if let folder = places.folder {
            for (index, (format, _)) in writers.enumerated() where !format.isForOneRecording {
                try folder.write(tables[index], stem: "utterances", fileExtension: format.fileExtension)
            }
            for (index, (fileExtension, _)) in clipFormats.enumerated() {
                try folder.write(clips[index], stem: "files", fileExtension: fileExtension)
            }
            try folder.finish()
        }
        try places.page?.write(page.html)
        try places.drawing?.write(drawing.svg)
    }
}
