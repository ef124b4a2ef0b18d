// SPDX-License-Identifier: Apache-2.0
import AudioCapture
import EmotionEvents
import EventSocket
import LiveListening
import Logging
import ServiceLifecycle
import ServiceRuntime

/// Runs capture and inference while the daemon runs. At the end, the open utterance gets its final estimate, which
/// the server still sends because it ends later.
struct ListeningService: Service {
    private let listener: LiveListener

    init(_ listener: LiveListener) { self.listener = listener }

    func run() async throws {
        listener.start()
        try? await gracefulShutdown()
        listener.stop()
    }
}

/// Sends keep-alive messages to the service manager's watchdog while the daemon is healthy; idle without a watchdog.
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
            // Four checks per interval, so that one late check on a busy machine does not end the daemon.
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

/// Reports each change of the capture state to the service manager and the log.
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
            // After a reconnection, the memory of the old connection is free but still held.
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

    /// Logs the reason once if capture has no real-time priority, and again if it loses it later.
    private func tellRefusal(after last: inout String?) {
        let refusal = listener.status.realTimeRefusal
        if let refusal, refusal != last {
            log.limited.write(.realTime, .info, "no real-time priority for capture: \(refusal)")
        }
        last = refusal
    }

    /// Reason that there is no sound, if the device reported one.
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
