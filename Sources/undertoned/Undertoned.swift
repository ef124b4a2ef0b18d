// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import AudioCapture
import EmotionEvents
import EmotionStream
import EventSocket
import Foundation
import LiveListening
import Logging
import SampleRing
import ServiceRuntime

/// The daemon: microphone in, events out. Read `run()` top to bottom to see all of it.
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

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let file = config ?? environment["UNDERTONE_CONFIG"] ?? DaemonSettings.defaultFile(environment)
        let settingsSource = SettingsSource(options: settings, environment: environment, file: file)
        ProcessLimits.raiseOpenFiles()
        // Sockets, pipes and what the runtime opens behind them; without them it would end without a sentence.
        try ProcessLimits.requireOpenFiles(Self.neededFiles)
        let settings = try await withTimeLimit(ModelLoading.settingsLimit, else: Self.slowSettings(file)) {
            let settings = try settingsSource.read()
            try settings.checkDevice()
            return settings
        }
        let threshold = LogThreshold(settings.logLevel)
        let logger = Self.logger(threshold, environment)
        let limitedLog = LimitedLog(logger)
        let inherited = InheritedSockets(environment: environment)
        inherited.closeOnExec()
        if !ProcessPrivacy.forbidDumps() { logger.warning("the system did not let core dumps be turned off") }

        let (model, deafness) = try await ModelLoading.model(at: settings[DaemonSettings.model])
        if let deafness { logger.warning("\(deafness)") }
        let stream = try settings.stream(over: model.settings)
        let eventsArrived = try WakeSignal()
        let events = makeRing(of: EmotionEvent.self, minimumCapacity: 2_048) {
            EventEnds(producer: $0, consumer: $1)
        }
        let listener = try LiveListener(
            source: try settings.makeSource(channel: settings.channel),
            channel: settings.channel,
            model: model,
            settings: stream,
            ringSeconds: settings[DaemonSettings.ringSeconds],
            outlivesSource: true,
            events: events.producer,
            eventsArrived: eventsArrived
        )
        let models = ModelGenerations()
        let path = settings.socketPath(environment)
        let lock = MuteLock(socketPath: path, environment: environment)
        let store = MuteStore(
            socketPath: path,
            standardPath: SocketAddresses.standard(environment: environment),
            environment: environment
        )
        let holds = MuteHolds(lock: lock, store: store) { isMuted in
            if isMuted { listener.mute() } else { listener.unmute() }
        } isClosed: {
            listener.condition == .muted
        }
        let demand = CaptureDemand(listener, isAlways: settings[DaemonSettings.capture] == "always")
        let controller = Controller(
            listener,
            settingsSource,
            settings,
            model,
            stream,
            lock: lock,
            holds: holds,
            demand: demand,
            threshold: threshold,
            models: models,
            logger: limitedLog
        )
        var sources = ServerSources(listener, model, stream, models, holds)
        sources.mute = { request, peer in
            let refusal = holds.set(request, for: peer)
            controller.log(.mute(request), peer, refusal ?? .done())
            return refusal
        }
        sources.carryOut = { await controller.carryOut($0, for: $1) }
        sources.subscriptionsChanged = { demand.set(subscriptions: $0) }
        let server = try EventServer(
            settings: settings.server(environment, inherited),
            identity: ServerIdentity(model, stream),
            events: events.consumer,
            arrived: eventsArrived,
            sources: sources,
            logger: logger,
            limitedLog: limitedLog
        )

        // Not before the folder of the sockets is there, in which the lock is looked for; and before anything is heard.
        if let problem = holds.restore() {
            logger.error("\(problem); the microphone stays closed until it is unmuted")
        }
        if settings.isSet(DaemonSettings.purpose) {
            logger.notice("purpose: \(settings[DaemonSettings.purpose])")
        }
        let manager = SystemdNotifier(environment: environment)
        let reload = ReloadService(manager) {
            let outcome = await controller.reload()
            logger.notice("reload after SIGHUP: \(outcome.sentence)")
            return listener.sentence(listener.condition)
        }
        ProcessSignals.endWithin(.milliseconds(1_900))
        try await serve(
            [
                server, ListeningService(listener), reload, Watchdog(manager, listener, server),
                StateReporter(listener, manager, logger, limitedLog),
            ],
            logger: logger
        )
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

    private static func logger(_ threshold: LogThreshold, _ environment: [String: String]) -> Logger {
        Logger(label: "undertoned") { _ in
            StderrLogHandler(threshold: threshold, environment: environment)
        }
    }
}
