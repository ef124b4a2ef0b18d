// SPDX-License-Identifier: Apache-2.0
import AudioCapture
import EmotionStream
import EventSocket
import Glibc
import Logging
import ModelBundle
import PlainText
import ServiceRuntime

/// The daemon's settings. `configs/undertone.yaml` shows each of them with its default.
enum DaemonSettings {
    static let device = Setting.text(
        "device",
        default: "default",
        "The capture device, as \"undertone devices\" names it."
    )
    static let channel = Setting.word(
        "channel",
        of: ["mix"] + (1...8).map(String.init),
        default: "mix",
        "The channel to analyse, for microphone arrays whose channels differ."
    )
    static let capture = Setting.word(
        "capture",
        of: ["always", "subscribed"],
        default: "always",
        "When the microphone is open: always, or only while a client is subscribed."
    )
    static let purpose = Setting.text(
        "purpose",
        default: "",
        shown: "none",
        "The daemon's purpose, in your own words; written to the log at each start."
    )
    static let model = Setting.text(
        "model",
        default: ModelFolder.defaultPath,
        shown: "the model that ships with Undertone",
        "Folder of the model."
    )
    static let socket = Setting.text(
        "socket",
        default: "",
        shown: "$XDG_RUNTIME_DIR/undertone/undertone.sock, else /run/undertone/undertone.sock",
        "Path of the socket that clients connect to."
    )
    static let socketMode = Setting.word(
        "socket_mode",
        of: ["0600", "0660"],
        default: "0600",
        "Permissions of the events socket: for its owner only, or for its group too."
    )
    static let logLevel = Setting.word(
        "log_level",
        of: ["debug", "info", "notice", "warning", "error"],
        default: "info",
        "The lowest level of messages that are written to stderr."
    )

    static let ringSeconds = Setting.number(
        "ring_seconds",
        in: 0.5...60,
        default: 4,
        "Audio that may wait for the network before any is lost."
    )
    static let speechThreshold = Setting.number(
        "speech.threshold",
        in: 0.05...0.95,
        default: 0.6,
        "Probability of speech at which an utterance may begin."
    )
    static let minimumLevel = Setting.number(
        "speech.minimum_level_db",
        in: -120...0,
        default: -120,
        "Sound below this level is not treated as speech."
    )
    static let minimumSpeech = Setting.integer(
        "speech.minimum_ms",
        in: 0...10_000,
        default: 120,
        "Duration of speech that begins an utterance."
    )
    static let estimateInterval = Setting.integer(
        "estimates.interval_ms",
        in: 50...60_000,
        default: 250,
        "Interval between estimates."
    )
    static let estimateWindow = Setting.integer(
        "estimates.window_ms",
        in: StreamSettings.windowRange,
        orZero: true,
        default: StreamSettings().windowMilliseconds,
        "Audio that an estimate covers before the utterance ends; 0 for the whole utterance."
    )
    static let minimumHeard = Setting.integer(
        "estimates.minimum_heard_ms",
        in: 0...60_000,
        default: 400,
        "Duration of speech that is needed before a label is named."
    )
    static let minimumSilence = Setting.integer(
        "estimates.minimum_silence_ms",
        in: 50...60_000,
        default: 600,
        "Duration of silence that ends an utterance."
    )
    static let longestUtterance = Setting.number(
        "estimates.longest_utterance_s",
        in: 1...3_600,
        default: 20,
        "The longest utterance; a longer one is split."
    )

    static let voiceBaseline = Setting.word(
        "voice_baseline",
        of: ["on", "off"],
        default: "on",
        "Compare each voice with its own last minutes, which are kept in memory only."
    )

    static let clientsMayMute = Setting.flag(
        "clients.may_mute",
        default: false,
        "Let clients that may read events hold the microphone closed and release their own holds."
    )
    static let maximumClients = Setting.integer(
        "clients.max",
        in: 1...50_000,
        default: 1_024,
        "Simultaneous connections."
    )
    static let maximumClientsPerUser = Setting.integer(
        "clients.max_per_user",
        in: 1...50_000,
        default: 64,
        "Simultaneous connections of one user."
    )
    static let waitingBytes = Setting.integer(
        "clients.waiting_bytes",
        in: 4_096...16_777_216,
        default: 262_144,
        "Bytes that may wait for one slow client before its oldest events are dropped."
    )
    static let totalWaitingBytes = Setting.integer(
        "clients.waiting_bytes_total",
        in: 1_048_576...4_294_967_296,
        default: 67_108_864,
        "Bytes that may wait for all clients together before the slowest client is closed."
    )
    static let stuckAfter = Setting.number(
        "clients.stuck_after_s",
        in: 0.5...3_600,
        default: 10,
        "Time after which a client that reads nothing is closed."
    )

    static let all = [
        device.row, channel.row, capture.row, purpose.row, model.row, socket.row, socketMode.row,
        logLevel.row, ringSeconds.row, speechThreshold.row, minimumLevel.row, minimumSpeech.row,
        estimateInterval.row, estimateWindow.row, minimumHeard.row, minimumSilence.row, longestUtterance.row,
        voiceBaseline.row, clientsMayMute.row, maximumClients.row, maximumClientsPerUser.row,
        waitingBytes.row,
        totalWaitingBytes.row, stuckAfter.row,
    ]

    /// Settings that a running daemon can change; the others take effect at its next start.
    static let live: Set<String> = [
        device.row.key, capture.row.key, model.row.key, logLevel.row.key, speechThreshold.row.key,
        minimumLevel.row.key, minimumSpeech.row.key, estimateInterval.row.key, minimumHeard.row.key,
        minimumSilence.row.key, longestUtterance.row.key, estimateWindow.row.key, voiceBaseline.row.key,
    ]

    /// The text of `--help` below the usage.
    static let help =
        "Settings, from the command line, else the environment, else the file:\n\n"
        + all.map(\.help).joined(separator: "\n")
        + "\n\nWithout --config and UNDERTONE_CONFIG the file is ~/.config/undertone/undertone.yaml, else"
        + " /etc/undertone/undertone.yaml.\n" + ExitStatus.help

    /// The file that is read if none is named: the user's, else the system's, else none.
    static func defaultFile(_ environment: [String: String]) -> String? {
        let home = environment["XDG_CONFIG_HOME"] ?? environment["HOME"].map { $0 + "/.config" }
        let candidates = [home.map { $0 + "/undertone/undertone.yaml" }, "/etc/undertone/undertone.yaml"]
        return candidates.compactMap { $0 }.first { access($0, F_OK) == 0 }
    }
}

extension Settings {
    /// The model's own thresholds, replaced where a setting is given.
    ///
    /// - Throws: a failure if the settings contradict each other.
    func stream(over model: StreamSettings) throws(ProgramFailure) -> StreamSettings {
        let stream = merged(over: model)
        let longest = stream.maximumUtteranceMilliseconds
        for (row, value) in [
            (DaemonSettings.minimumHeard.row, stream.minimumHeardMilliseconds),
            (DaemonSettings.minimumSpeech.row, stream.minimumSpeechMilliseconds),
        ] where value >= longest {
            throw ProgramFailure(
                .configuration,
                "\(row.key) is \(value), as long as the longest utterance (\(DaemonSettings.longestUtterance.row.key) "
                    + "is \(Double(longest) / 1_000)): no label would ever be named; lower the one or raise the other"
            )
        }
        return stream
    }

    private func merged(over model: StreamSettings) -> StreamSettings {
        var stream = speech(over: model)
        if isSet(DaemonSettings.estimateInterval) {
            stream.estimateIntervalMilliseconds = self[DaemonSettings.estimateInterval]
        }
        if isSet(DaemonSettings.estimateWindow) {
            stream.windowMilliseconds = self[DaemonSettings.estimateWindow]
        }
        if isSet(DaemonSettings.voiceBaseline) {
            stream.voiceBaseline = self[DaemonSettings.voiceBaseline] == "on"
        }
        if isSet(DaemonSettings.minimumHeard) {
            stream.minimumHeardMilliseconds = self[DaemonSettings.minimumHeard]
        }
        if isSet(DaemonSettings.minimumSilence) {
            stream.minimumSilenceMilliseconds = self[DaemonSettings.minimumSilence]
        }
        if isSet(DaemonSettings.longestUtterance) {
            stream.maximumUtteranceMilliseconds = Int(self[DaemonSettings.longestUtterance] * 1_000)
        }
        return stream
    }

    /// The model's own speech thresholds, except those that were set.
    private func speech(over model: StreamSettings) -> StreamSettings {
        var stream = model
        if isSet(DaemonSettings.speechThreshold) {
            stream.setSpeechThreshold(Float(self[DaemonSettings.speechThreshold]))
        }
        if isSet(DaemonSettings.minimumLevel) {
            stream.minimumLevelDecibels = Float(self[DaemonSettings.minimumLevel])
        }
        if isSet(DaemonSettings.minimumSpeech) {
            stream.minimumSpeechMilliseconds = self[DaemonSettings.minimumSpeech]
        }
        return stream
    }

    /// The capture source. A device may appear later; a missing file is an error, see
    /// ``checkDevice()``.
    func makeSource(channel: ChannelChoice) throws -> sending any CaptureSource {
        try DeviceSpecifier(self[DaemonSettings.device]).makeSource(channel: channel, isPaced: true)
    }

    /// Checks that the device's name is valid and that a file can be read. May wait for a disk.
    func checkDevice() throws {
        guard case .file(let path) = try DeviceSpecifier(self[DaemonSettings.device]) else { return }
        if PathText.withPath(path, { access($0, R_OK) }) != 0 {
            throw ProgramFailure(
                .inputFile,
                "device: cannot read \(path): \(String(cString: strerror(errno)))"
            )
        }
    }

    /// The channel that is analysed.
    var channel: ChannelChoice { ChannelChoice(self[DaemonSettings.channel]) ?? .mix }

    /// The settings of the socket server.
    ///
    /// - Parameter inherited: sockets that the service manager opened; they take precedence over the path.
    func server(_ environment: [String: String], _ inherited: InheritedSockets) -> EventServerSettings {
        var server = EventServerSettings(path: socketPath(environment))
        if let events = inherited.descriptors["events"] { server.events = .inherited(events) }
        if let control = inherited.descriptors["control"] { server.control = .inherited(control) }
        server.clientsMayMute = self[DaemonSettings.clientsMayMute]
        server.mode = self[DaemonSettings.socketMode] == "0660" ? 0o660 : 0o600
        server.maximumClients = self[DaemonSettings.maximumClients]
        server.maximumClientsPerUser = self[DaemonSettings.maximumClientsPerUser]
        server.waitingByteLimit = self[DaemonSettings.waitingBytes]
        server.totalWaitingByteLimit = self[DaemonSettings.totalWaitingBytes]
        server.stuckAfter = .seconds(self[DaemonSettings.stuckAfter])
        return server
    }

    /// The lowest level of messages that are written.
    var logLevel: Logger.Level { Logger.Level(rawValue: self[DaemonSettings.logLevel]) ?? .info }

    /// Path of the events socket, unless the service manager provides the socket.
    func socketPath(_ environment: [String: String]) -> String {
        isSet(DaemonSettings.socket)
            ? self[DaemonSettings.socket] : SocketAddresses.standard(environment: environment)
    }
}
