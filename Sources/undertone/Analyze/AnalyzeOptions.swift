// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import AudioCapture
import ServiceRuntime

/// The options of `undertone analyze` for utterances, files of them, and pictures.
struct AnalyzeOptions: ParsableArguments {
    @Flag(help: "One row an utterance instead of one a file. [UNDERTONE_UTTERANCES]")
    var utterances = false
    @Option(
        help: ArgumentHelp(
            """
            Write utterances as csv, jsonl, srt, vtt, textgrid (Praat), elan (tab-delimited text) or rttm; several, \
            separated by commas, with --out. [UNDERTONE_UTTERANCE_FORMAT]
            """,
            valueName: "format,..."
        )
    )
    var format: String?
    @Option(
        help: ArgumentHelp(
            "A folder for the files of --format, new, empty or written by this command. [UNDERTONE_OUT]",
            valueName: "folder"
        )
    )
    var out: String?
    @Option(
        help: ArgumentHelp(
            "Write a page with a timeline of each recording, which needs no server. [UNDERTONE_HTML]",
            valueName: "file"
        )
    )
    var html: String?
    @Option(
        help: ArgumentHelp(
            "Write a drawing of each recording, for papers. [UNDERTONE_SVG]",
            valueName: "file"
        )
    )
    var svg: String?
    @Option(
        help: ArgumentHelp(
            "The channel to analyse, from 1, \"mix\", or \"each\" for one speaker a channel. [UNDERTONE_ANALYZE_CHANNEL]",
            valueName: "channel"
        )
    )
    var channel = "mix"
    @Flag(help: "Write --out, --html and --svg over files of others. [UNDERTONE_OVERWRITE]")
    var overwrite = false

    static let environment: [EnvironmentOption] = [
        .flag("--utterances", "UNDERTONE_UTTERANCES"), .value("--format", "UNDERTONE_UTTERANCE_FORMAT"),
        .value("--out", "UNDERTONE_OUT"),
        .value("--html", "UNDERTONE_HTML"), .value("--svg", "UNDERTONE_SVG"),
        .value("--channel", "UNDERTONE_ANALYZE_CHANNEL"), .flag("--overwrite", "UNDERTONE_OVERWRITE"),
    ]

    /// True if utterances with their levels, or a timeline, are needed.
    var needsTimeline: Bool { utterances || format != nil || html != nil || svg != nil }

    /// The format on standard output instead of the usual lines.
    var printedFormat: UtteranceFormat? {
        out == nil ? (try? formats)?.first : nil
    }

    var channels: AnalyzeChannels { AnalyzeChannels(channel) ?? .one(.mix) }

    private var formats: [UtteranceFormat] {
        get throws(UnknownFormat) { try format.map(UtteranceFormat.list) ?? [] }
    }

    func validate() throws {
        let formats: [UtteranceFormat]
        do throws(UnknownFormat) { formats = try self.formats } catch { throw ValidationError("\(error).") }
        guard AnalyzeChannels(channel) != nil else {
            throw ValidationError(
                "--channel is '\(channel)', but must be mix, each or a number from 1 to 8."
            )
        }
        guard out == nil || format != nil else {
            throw ValidationError("--out needs --format, which says what to write there.")
        }
        guard out != nil || formats.count < 2 else {
            throw ValidationError("Several formats need --out, a folder for their files.")
        }
    }

    /// Folder of the files.
    ///
    /// - Throws: a failure where something of others is in the way.
    func places() throws(ProgramFailure) -> AnalyzeOutputs.Places {
        var places = AnalyzeOutputs.Places(formats: (try? formats) ?? [])
        if let html {
            let mark = TimelinePage.mark
            places.page = try OutputFile(html, option: "--html", mark: mark, isOverwriting: overwrite)
        }
        if let svg {
            let mark = TimelineDrawing.mark
            places.drawing = try OutputFile(svg, option: "--svg", mark: mark, isOverwriting: overwrite)
        }
        if let out { places.folder = try OutputFolder(out, isOverwriting: overwrite) }
        return places
    }
}
