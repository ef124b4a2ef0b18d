// SPDX-License-Identifier: Apache-2.0
public import ArgumentParser
public import AudioCapture
import EmotionEvents
import EmotionStream
import Foundation
import ServiceRuntime

/// Analyses a microphone, a file or stdin, and prints to stdout.
struct Listen: AsyncParsableCommand, HasEnvironment {
    static let configuration = CommandConfiguration(
        abstract: "Analyse a microphone, a file or stdin, without a daemon.",
        discussion: """
            Without FILE it uses the microphone. "-" reads stdin: a WAV, FLAC, Ogg, Opus or MP3 stream, which states its \
            own rate and channels, or raw PCM, described by --rate, --channels and --format, for example
              ffmpeg -i talk.mp4 -f wav - | undertone listen -
              arecord -t raw -f S16_LE -r 16000 | undertone listen - --rate 16000 --format s16
            Files are read as fast as possible, or in real time with --realtime. If ffmpeg is installed, it decodes MPEG-4, \
            WebM and AAC files.
            """
    )

    static let environment: [EnvironmentOption] = [
        .value("--device", "UNDERTONE_DEVICE"), .value("--channel", "UNDERTONE_CHANNEL"),
        .flag("--json", "UNDERTONE_JSON"), .flag("--realtime", "UNDERTONE_REALTIME"),
        .value("--rate", "UNDERTONE_RATE"), .value("--channels", "UNDERTONE_CHANNELS"),
        .value("--format", "UNDERTONE_FORMAT"), .value("--model", "UNDERTONE_MODEL"),
    ]

    @Argument(help: ArgumentHelp("A sound file, or - for stdin.", valueName: "file"))
    var file: String?
    @Option(help: "The microphone, as \"undertone devices\" names it. [UNDERTONE_DEVICE]")
    var device = "default"
    @Option(help: "The channel to analyse, from 1, or \"mix\". [UNDERTONE_CHANNEL]")
    var channel: ChannelChoice = .mix
    @Flag(help: "JSON lines, as on the daemon's socket. [UNDERTONE_JSON]")
    var json = false
    @Flag(help: "Read a file in real time. [UNDERTONE_REALTIME]")
    var realtime = false
    @Option(help: "Sample rate of raw PCM on stdin. [UNDERTONE_RATE]")
    var rate = 16_000
    @Option(help: "Channels of raw PCM on stdin. [UNDERTONE_CHANNELS]")
    var channels = 1
    @Option(
        help:
            "Sample format of raw PCM on stdin: s16, s24, s24in32, s32 or f32, little-endian. [UNDERTONE_FORMAT]"
    )
    var format: SampleFormat = .s16
    @OptionGroup var modelOption: ModelOption

    func validate() throws {
        do { _ = try standardInputFormat } catch { throw ValidationError("\(error).") }
        if file == "" { throw ValidationError("The file is '', but must be a path, or - for stdin.") }
        if let file, EnvironmentDefaults.isTyped("--device") {
            throw ValidationError(
                "--device names a microphone, but FILE is '\(file)'; give only one of them."
            )
        }
        let isStandardInput = file == "-" || file == nil && device == "stdin"
        let typed = ["--rate", "--channels", "--format"].first(where: EnvironmentDefaults.isTyped)
        if let typed, !isStandardInput {
            throw ValidationError(
                "\(typed) describes raw PCM on stdin; files and microphones have their own format."
            )
        }
    }

    private var standardInputFormat: CaptureFormat {
        get throws(CaptureError) {
            try CaptureFormat(sampleRate: rate, channelCount: channels, sampleFormat: format)
        }
    }

    func run() async throws {
        let source = try source()
        let model = try modelOption.read()
        let terminal = Terminal(descriptor: STDOUT_FILENO, environment: ProcessInfo.processInfo.environment)
        var printer: any EventPrinter =
            json
            ? JSONPrinter(
                lines: EventLine(labels: model.labels, attributes: model.attributes, device: source.name)
            )
            : TextPrinter(labels: model.labels, attributes: model.attributes, screen: LiveLine(terminal))
        if source.isLive {
            var session = try LiveSession(source, channel: channel, model: model)
            try session.run(printer)
        } else {
            var pipeline = EmotionPipeline(model)
            let heard = try hearToEnd(source, channel: channel, with: &pipeline) { try printer.print($0) }
            try printer.finish()
            // If the recorder that feeds the pipe failed, the result must not look like a success.
            guard heard > 0 else { throw ProgramFailure(.inputFile, "\(source.name) holds no sound") }
            try checkComplete(source)
        }
    }

    private func source() throws -> sending any CaptureSource {
        let specifier: DeviceSpecifier =
            switch file {
            case nil: try DeviceSpecifier(device)
            case "-": .standardInput
            case let path?: .file(path: path)
            }
        return try specifier.makeSource(
            standardInputFormat: standardInputFormat,
            isPaced: realtime,
            usesFFmpeg: true
        )
    }
}

extension ChannelChoice: ExpressibleByArgument {
    /// Reads `mix` or a number from 1 to 8.
    public init?(argument: String) { self.init(argument) }
}

extension SampleFormat: ExpressibleByArgument {}
