// SPDX-License-Identifier: Apache-2.0
import AudioCapture
import EmotionEvents
import EventSocket
import LiveListening
import Logging
import ServiceLifecycle
import ServiceRuntime

/// Listens while the daemon runs. When it ends, the utterance that is open gets its final estimate, which the
/// server, ended after it, still sends.
struct ListeningService: Service {
    private let listener: LiveListener

    init(_ listener: LiveListener) { self.listener = listener }

    func run() async throws {
        listener.start()
        try? await gracefulShutdown()
        listener.stop()
    }
}

/// Feeds the service manager's watchdog while the daemon does what it is for; does nothing where none watches.
struct Watchdog: Service {
    private let manager: SystemdNotifier
    private let listener: LiveListener
    private let server: EventServer

    init(_ manager: SystemdNotifier, _ listener: LiveListener, _ server: EventServer) {
        self.manager = manager
        self.listener = listener
        self.server = server
    }

    func run() async throws {
        guard let interval = manager.watchdogInterval else { return try await gracefulShutdown() }
        await cancelWhenGracefulShutdown {
            var vitality = Vitality()
            // Four looks an interval: one that comes late, on a busy machine, is no reason to be killed.
            while (try? await Task.sleep(for: interval / 4)) != nil {
                if vitality.isHealthy(signs) { manager.watchdog() }
                server.ping()
            }
        }
    }

    private var signs: Vitality.Signs {
        Vitality.Signs(
            turns: listener.turns,
            handledSamples: listener.consumedSamples + listener.lostSamples,
            waitingSamples: listener.waitingSamples,
            beats: server.beats
        )
    }
}

/// Tells the service manager and the log how the daemon is, at each change of the capture state.
struct StateReporter: Service {
    private let listener: LiveListener
    private let manager: SystemdNotifier
    private let log: DaemonLog

    init(_ listener: LiveListener, _ manager: SystemdNotifier, _ log: DaemonLog) {
        self.listener = listener
        self.manager = manager
        self.log = log
    }

    func run() async throws {
        let first = listener.condition
        manager.ready(status: sentence(first))
        log.logger.notice("ready, capture \(first.word)", metadata: ["device": "\(listener.device)"])
        await cancelWhenGracefulShutdown { await follow(from: first) }
        manager.stopping()
        log.logger.notice("stopping")
    }

    private func follow(from first: CaptureCondition) async {
        var last = (condition: first, device: listener.device)
        var refusal: String?
        while (try? await Task.sleep(for: .milliseconds(250))) != nil {
            tellRefusal(after: &refusal)
            let (condition, device) = (listener.condition, listener.device)
            if (condition, device) == last { continue }
            last = (condition, device)
            // A device that comes back leaves holes where the old connection was.
            ProcessMemory.giveBack()
            manager.status(sentence(condition))
            log.limited.write(
                .capture,
                .notice,
                "capture \(condition.word)\(reason(condition))",
                metadata: ["device": "\(device)"]
            )
        }
    }

    /// Says once why capture has no real-time priority, and once more if it is lost later.
    private func tellRefusal(after last: inout String?) {
        let refusal = listener.status.realTimeRefusal
        if let refusal, refusal != last {
            log.limited.write(.realTime, .info, "no real-time priority for capture: \(refusal)")
        }
        last = refusal
    }

    /// Why there is no sound, where the device said so.
    private func reason(_ condition: CaptureCondition) -> String {
        let isTrouble = [.lost, .noDevice].contains(condition) || listener.report.isOver
        guard isTrouble, let error = listener.status.lastError else { return "" }
        return ": \(error)"
    }

    private func sentence(_ condition: CaptureCondition) -> String { listener.sentence(condition) }
}

extension LiveListener {
    /// The line that `systemctl status` shows.
    func sentence(_ condition: CaptureCondition) -> String { "capture \(condition.word), \(device)" }
}
