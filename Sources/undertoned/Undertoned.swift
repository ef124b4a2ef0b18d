// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import EmotionStream
import EventSocket
import Foundation
import Logging
import ServiceRuntime

/// The daemon: microphone in, events out. ``Daemon`` has its parts.
@main
struct Undertoned: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "undertoned",
        abstract: "Listens to the microphone and tells its clients how things are said.",
        usage: "undertoned [--config FILE] [--KEY VALUE ...]",
        discussion: DaemonSettings.help,
        version: undertoneVersion
    )

    @Option(help: "File of settings. [UNDERTONE_CONFIG]")
    var config: String?
    @Argument(parsing: .allUnrecognized, help: .hidden)
    var settings: [String] = []

    /// On the main thread, while there is no other.
    @MainActor static func main() async {
        ProcessSignals.ignoreStray()
        ProcessMemory.keepFlat()
        await start(failure: describeFailure)
    }

    /// Assembles the daemon, then runs it until a signal ends it.
    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let file = config ?? environment["UNDERTONE_CONFIG"] ?? DaemonSettings.defaultFile(environment)
        let source = SettingsSource(options: settings, environment: environment, file: file)
        let daemon = try await Self.assemble(source)
        try await daemon.run()
    }

    /// Makes the parts of the daemon. A function of its own, so that only they keep the model, which a reload frees.
    private static func assemble(_ source: SettingsSource) async throws -> Daemon {
        ProcessLimits.raiseOpenFiles()
        // Sockets, pipes and what the runtime opens behind them; without them it would end without a sentence.
        try ProcessLimits.requireOpenFiles(neededFiles)
        let settings = try await read(source)
        let log = DaemonLog(settings, source.environment)
        let inherited = InheritedSockets(environment: source.environment)
        inherited.closeOnExec()
        if !ProcessPrivacy.forbidDumps() {
            log.logger.warning("the system did not let core dumps be turned off")
        }
        let (model, deafness) = try await ModelLoading.model(at: settings[DaemonSettings.model])
        if let deafness { log.logger.warning("\(deafness)") }
        return try Daemon(settings, from: source, model: model, sockets: inherited, log: log)
    }

    private static func read(_ source: SettingsSource) async throws -> Settings {
        try await withTimeLimit(ModelLoading.settingsLimit, else: slowSettings(source.file)) {
            let settings = try source.read()
            try settings.checkDevice()
            return settings
        }
    }

    /// What the daemon opens before its first client, and a few clients.
    private static let neededFiles = 24

    private static func slowSettings(_ file: String?) -> ProgramFailure {
        let limit = ModelLoading.settingsLimit.components.seconds
        return ProgramFailure(
            .configuration,
            "the configuration \(file ?? "") could not be read within \(limit) s; look at its disk"
        )
    }
}

/// The daemon's log on standard error.
struct DaemonLog: Sendable {
    /// The least important messages that are written; may change while the daemon runs.
    let threshold: LogThreshold
    let logger: Logger
    /// For lines that clients, devices or a slow machine can cause.
    let limited: LimitedLog

    init(_ settings: Settings, _ environment: [String: String]) {
        let threshold = LogThreshold(settings.logLevel)
        self.threshold = threshold
        logger = Logger(label: "undertoned") { _ in
            StderrLogHandler(threshold: threshold, environment: environment)
        }
        limited = LimitedLog(logger)
    }
}
