// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import AudioCapture
import EmotionStream
import Foundation
import ModelBundle
import PlainText
import ServiceRuntime

/// Many recordings, one answer each.
struct Analyze: AsyncParsableCommand, HasEnvironment {
    static let configuration = CommandConfiguration(
        abstract: "Say how each of many recordings sounds, one line a file.",
        discussion: """
            Prints a table on a terminal and JSON lines elsewhere. The answer for a file is the mean of its \
            utterances, weighted by how much speech was heard in each. A file or folder that cannot be read, and a \
            folder or list that names no sound file, is reported on stderr; the others go on, and the exit status is \
            9. A folder is searched in the order of its names; recordings that are passed over are counted on stderr. "-" is \
            a WAV, FLAC, Ogg, Opus or MP3 stream on stdin. Where ffmpeg is installed, MPEG-4, WebM, AAC and the like \
            are decoded through it.

            With --utterances there is a row for each utterance instead; JSON lines have the row of the file behind them. \
            --format writes utterances for other programs, --html and --svg draw them over time. Without a label there are \
            no probabilities, so that averages stay right.
            """
    )

    static let environment: [EnvironmentOption] =
        [
            .flag("--json", "UNDERTONE_JSON"), .flag("--csv", "UNDERTONE_CSV"),
            .flag("--text", "UNDERTONE_TEXT"),
            .flag("--recursive", "UNDERTONE_RECURSIVE"), .value("--files-from", "UNDERTONE_FILES_FROM"),
            .value("--model", "UNDERTONE_MODEL"),
        ] + AnalyzeOptions.environment

    enum Shape: String, EnumerableFlag {
        case json, csv, text

        static func help(for value: Shape) -> ArgumentHelp? {
            switch value {
            case .json: "JSON lines, the default where stdout is no terminal. [UNDERTONE_JSON]"
            case .csv: "Comma-separated values with a header. [UNDERTONE_CSV]"
            case .text: "A table, the default on a terminal. [UNDERTONE_TEXT]"
            }
        }
    }

    @Argument(help: "WAV, FLAC, Ogg, Opus, MP3 and what else libsndfile or ffmpeg reads; - is stdin.")
    var files: [String] = []
    @Flag(exclusivity: .chooseLast)
    var shape: Shape?
    @Flag(help: "Search folders for sound files. [UNDERTONE_RECURSIVE]")
    var recursive = false
    @Option(
        help:
            "Take more file names from this file, one a line or, as find -print0 writes them, each with a zero behind it; - is stdin. [UNDERTONE_FILES_FROM]"
    )
    var filesFrom: String?
    @OptionGroup var options: AnalyzeOptions
    @OptionGroup var modelOption: ModelOption

    func validate() throws {
        guard !files.isEmpty || filesFrom != nil else {
            throw ValidationError("Name at least one file, or take names from --files-from.")
        }
        guard filesFrom != "-" || !files.contains("-") else {
            throw ValidationError(
                "Standard input is either a recording or a list of names; give one of them."
            )
        }
        let typed = ["--json", "--csv", "--text"].filter(EnvironmentDefaults.isTyped)
        guard typed.count < 2 else {
            throw ValidationError(typed.joined(separator: " and ") + " exclude each other.")
        }
        if let shape = typed.first, options.printedFormat != nil {
            throw ValidationError("\(shape) and --format exclude each other; with --out you can have both.")
        }
        guard !(options.channels == .each && files.contains("-")) else {
            throw ValidationError("--channel each reads a recording several times, which stdin cannot be.")
        }
    }

    func run() async throws {
        var names = try FileNames(arguments: files, list: filesFrom, isRecursive: recursive)
        let places = try options.places()
        let analyser = try RecordingAnalyser(modelOption.read(), keepsTimeline: options.needsTimeline)
        var outputs = AnalyzeOutputs(places, labels: analyser.labels, attributes: analyser.attributes)
        var printer = printer(analyser.labels, analyser.attributes)
        let terminal = Terminal(descriptor: STDERR_FILENO, environment: ProcessInfo.processInfo.environment)
        let isCountKnown = filesFrom == nil && !recursive
        var bar = ProgressBar(total: isCountKnown ? files.count : nil, terminal: terminal)
        var failures = 0
        func report(_ failure: ProgramFailure) {
            failures += 1
            bar.clear()
            StandardError.write("undertone: \(plainText("\(failure)"))\n")
        }
        try StandardOutput.write(printer.header)
        while let name = names.next() {
            do {
                try analyser.analyse(try name.get(), options.channels, damage: report) { recording in
                    bar.clear()
                    try print(printer.lines(recording))
                    try outputs.add(recording)
                }
            } catch let error as CaptureError {
                report(ProgramFailure(.inputFile, "\(error)"))
            } catch let failure as ProgramFailure where failure.status == .inputFile {
                report(failure)
            }
            bar.advance(heardSeconds: analyser.heardSeconds)
        }
        bar.clear()
        try outputs.finish()
        for sentence in names.passedOver { StandardError.write("undertone: \(sentence)\n") }
        if let sentence = mixedSentence(printer.mixedCount) {
            StandardError.write("undertone: \(sentence)\n")
        }
        guard failures == 0 else { throw ProgramFailure(.inputFile, summary(failures)) }
    }

    /// Names in a table of any shape may hold what a terminal would obey; a file gets them as they are.
    private func print(_ line: String) throws {
        if isatty(STDOUT_FILENO) == 1 { return try StandardOutput.show(line) }
        try StandardOutput.write(line)
    }

    private func summary(_ failures: Int) -> String {
        failures == 1
            ? "one input is missing or incomplete" : "\(failures) inputs are missing or incomplete"
    }

    private var printedShape: Shape { shape ?? (isatty(STDOUT_FILENO) == 1 ? .text : .json) }

    /// Warning for a table of files, which does not show the labels; the other formats count them.
    private func mixedSentence(_ count: Int) -> String? {
        guard count > 0, !options.utterances, options.printedFormat == nil, printedShape == .text else {
            return nil
        }
        let files = count == 1 ? "one file holds" : "\(count) files hold"
        return
            "\(files) utterances with different labels, of which the line is a mean; --utterances shows each"
    }

    private func printer(_ labels: [String], _ attributes: [String]) -> AnalyzePrinter {
        if let format = options.printedFormat {
            return AnalyzePrinter(
                clips: nil,
                utterances: format.writer(labels: labels),
                isForOneRecording: format.isForOneRecording
            )
        }
        let isEach = options.utterances
        switch printedShape {
        case .json:
            return AnalyzePrinter(
                clips: ClipJSON(labels: labels, attributes: attributes),
                utterances: isEach ? UtteranceJSON(labels: labels) : nil
            )
        case .csv:
            return AnalyzePrinter(
                clips: isEach ? nil : ClipCSV(labels: labels, attributes: attributes),
                utterances: isEach ? UtteranceCSV(labels: labels) : nil
            )
        case .text:
            return AnalyzePrinter(
                clips: isEach ? nil : ClipTable(labels: labels, attributes: attributes),
                utterances: isEach ? UtteranceText(labels: labels) : nil
            )
        }
    }
}

/// The option for another model than the one that ships with Undertone.
struct ModelOption: ParsableArguments {
    @Option(help: "Folder of the model; the bundled model by default. [UNDERTONE_MODEL]")
    var model: String?

    func validate() throws {
        if model == "" { throw ValidationError("--model is '', but must be a folder.") }
    }

    func read() throws(ModelError) -> StreamModel {
        try StreamModel(path: model ?? ModelFolder.defaultPath)
    }
}
