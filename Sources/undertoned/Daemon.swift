// SPDX-License-Identifier: Apache-2.0
import AudioCapture
import EmotionEvents
import EmotionStream
import EventSocket
import LiveListening
import Logging
import SampleRing
import ServiceLifecycle
import ServiceRuntime

/// The parts of the daemon. `init` connects them, `run` starts them. It does not keep the model, so that a reload can
/// free it.
struct Daemon: Sendable {
    private static let waitingEvents = 2_048

    private let settings: Settings
    private let manager: SystemdNotifier
    private let log: DaemonLog
    private let listener: LiveListener
    private let holds: MuteHolds
    private let controller: Controller
    private let server: EventServer

    /// Opens the sockets, but not yet the microphone.
    ///
    /// - Parameter source: where `settings` were read, and are read again at a reload.
    init(
        _ settings: Settings,
        from source: SettingsSource,
        model: StreamModel,
        sockets: InheritedSockets,
        log: DaemonLog
    ) throws {
        self.settings = settings
        self.log = log
        manager = SystemdNotifier(environment: source.environment)
        let stream = try settings.stream(over: model.settings)
        let arrived = try WakeSignal()
        let events = makeRing(of: EmotionEvent.self, minimumCapacity: Self.waitingEvents)
        listener = try LiveListener(
            source: try settings.makeSource(channel: settings.channel),
            channel: settings.channel,
            model: model,
            settings: stream,
            ringSeconds: settings[DaemonSettings.ringSeconds],
            outlivesSource: true,
            events: events.producer,
            eventsArrived: arrived
        )
        holds = MuteHolds(listener, settings, source.environment)
        let demand = CaptureDemand(listener, isAlways: settings[DaemonSettings.capture] == "always")
        let models = ModelGenerations()
        controller = Controller(
            listener: listener,
            source: source,
            settings: settings,
            model: model,
            stream: stream,
            holds: holds,
            demand: demand,
            models: models,
            log: log
        )
        let status = DaemonStatus(listener, first: .init(model, stream), models: models, holds: holds)
        var sources = ServerSources(listener, status, models)
        sources.connect(to: controller, holds, demand)
        server = try EventServer(
            settings: settings.server(source.environment, sockets),
            identity: ServerIdentity(model, stream),
            events: events.consumer,
            arrived: arrived,
            sources: sources,
            logger: log.logger,
            limitedLog: log.limited
        )
    }

    /// Runs until a signal ends it.
    func run() async throws {
        begin()
        ProcessSignals.endWithin(.milliseconds(1_900))
        try await serve(
            [
                server, ListeningService(listener), reloadService, Watchdog(manager, listener, server),
                StateReporter(listener, manager, log),
            ],
            logger: log.logger
        )
    }

    /// Restores the mute: after the sockets' folder is made, since the lock is looked up there, and before capture
    /// starts.
    private func begin() {
        if let problem = holds.restore() {
            log.logger.error("\(problem); the microphone stays closed until it is unmuted")
        }
        if settings.isSet(DaemonSettings.purpose) {
            log.logger.notice("purpose: \(settings[DaemonSettings.purpose])")
        }
    }

    private var reloadService: ReloadService {
        ReloadService(manager) { [controller, listener, log] in
            let outcome = await controller.reload()
            log.logger.notice("reload after SIGHUP: \(outcome.sentence)")
            return listener.sentence(listener.condition)
        }
    }
}
