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
        abstract: "Listens to the microphone and tells its subscribers how things are said.",
        usage: "undertoned [--config FILE] [--KEY VALUE ...]",
        discussion: DaemonSettings.help,
        version: undertoneVersion
    )

    @Option(help: "File of settings. [UNDERTONE_CONFIG]")
    var config: String?
    @Argument(parsing: .allUnrecognized, help: .hidden)
    var settings: [String] = []

    static func main() async { await start(failure: describeFailure) }

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let file = config ?? environment["UNDERTONE_CONFIG"] ?? DaemonSettings.defaultFile(environment)
        let settings = try await Settings.read(
            DaemonSettings.all,
            options: settings,
            environment: environment,
            file: file
        )
        let logger = Self.logger(settings[DaemonSettings.logLevel], environment)
        if !ProcessPrivacy.forbidDumps() { logger.warning("the system did not let core dumps be turned off") }

        let model = try StreamModel(path: settings[DaemonSettings.model])
        let stream = settings.stream(over: model.settings)
        let source = try DeviceSpecifier(settings[DaemonSettings.device])
            .makeSource(standardInputFormat: .standardInputDefault, isPaced: true)
        let eventsArrived = try WakeSignal()
        let events = makeRing(of: EmotionEvent.self, minimumCapacity: 1_024) {
            EventEnds(producer: $0, consumer: $1)
        }
        let listener = try LiveListener(
            source: source,
            channel: settings.channel,
            model: model,
            settings: stream,
            ringSeconds: settings[DaemonSettings.ringSeconds],
            events: events.producer,
            eventsArrived: eventsArrived
        )
        let server = try EventServer(
            settings: settings.server(environment),
            identity: ServerIdentity(model, stream),
            events: events.consumer,
            arrived: eventsArrived,
            sources: ServerSources(listener, model),
            logger: logger
        )

        let reporter = StateReporter(listener, SystemdNotifier(environment: environment), logger)
        try await serve([server, ListeningService(listener), reporter], logger: logger)
    }

    private static func logger(_ level: String, _ environment: [String: String]) -> Logger {
        Logger(label: "undertoned") { _ in
            StderrLogHandler(level: Logger.Level(rawValue: level) ?? .info, environment: environment)
        }
    }
}
