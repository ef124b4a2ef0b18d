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
        abstract: "Analyses how things are said near a microphone and sends the results to clients.",
        usage: "undertoned [--config FILE] [--KEY VALUE ...]",
        discussion: DaemonSettings.help,
        version: undertoneVersion
    )

    @Option(help: "The settings file. [UNDERTONE_CONFIG]")
    var config: String?
    @Argument(parsing: .allUnrecognized, help: .hidden)
    var settings: [String] = []

    /// Runs on the main thread, before any other thread exists.
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

    /// Makes the parts of the daemon. A separate function, so that `run` does not keep the model, which a reload frees.
    private static func assemble(_ source: SettingsSource) async throws -> Daemon {
        ProcessLimits.raiseOpenFiles()
        // For sockets, pipes and what the runtime opens for them; without these the daemon would end without a message.
        try ProcessLimits.requireOpenFiles(neededFiles)
        let settings = try await read(source)
        let log = DaemonLog(settings, source.environment)
        let inherited = InheritedSockets(environment: source.environment)
        inherited.closeOnExec()
        if !ProcessPrivacy.forbidDumps() {
            log.logger.warning("the system refused to turn core dumps off")
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

    /// Number of files that the daemon opens before its first client, plus a few clients.
    private static let neededFiles = 24

    private static func slowSettings(_ file: String?) -> ProgramFailure {
        let limit = ModelLoading.settingsLimit.components.seconds
        return ProgramFailure(
            .configuration,
            "the configuration \(file ?? "") could not be read within \(limit) s; check its disk"
        )
    }
}

/// The daemon's log on standard error.
struct DaemonLog: Sendable {
    /// The lowest level of messages that are written; may change while the daemon runs.
    let threshold: LogThreshold
    let logger: Logger
    /// A rate-limited log for lines that clients, devices or a slow machine can cause.
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
