// SPDX-License-Identifier: Apache-2.0
import EmotionEvents
import EventSocket
import Glibc
import ServiceRuntime

/// `undertone watch` where it does more than print: hooks and summaries need a look at the clock and at signals.
struct WatchSession {
    private var follower: DaemonFollower
    private let signals = SignalWatch([SIGINT, SIGTERM])
    private let start = ContinuousClock.now
    /// Interval at which hooks, signals and the end of a period are checked.
    private static let pause = Duration.milliseconds(50)

    init(_ follower: DaemonFollower) { self.follower = follower }

    /// Runs `hooks` for each estimate until a signal comes.
    mutating func run(_ hooks: HookRunner) throws {
        var hooks = hooks
        while !isInterrupted {
            switch try next({ hooks.end(at: $0) }) {
            case .message(let message) where message.type == "estimate": hooks.offer(message.text)
            case let event: report(event)
            }
            try hooks.step(at: now)
        }
        hooks.end(at: now)
        throw ProgramFailure(.interrupted, "")
    }

    /// Prints a summary for each period until a signal comes, then that of the period that is open.
    mutating func run(_ period: Duration, print: (WatchSummary, Int64, Int64) throws -> Void) throws {
        var (summary, begin, wall) = (WatchSummary(), now, WallTime.now())
        var (isOpen, latest) = (false, now)
        while !isInterrupted {
            let event = try next { _ in }
            summary.pass(now - latest, isOpen: isOpen)
            latest = now
            take(event, &summary, &isOpen)
            guard latest - begin >= period / .seconds(1) else { continue }
            try print(summary, wall, WallTime.now())
            (summary, begin, wall) = (WatchSummary(), latest, WallTime.now())
        }
        try print(summary, wall, WallTime.now())
        throw ProgramFailure(.interrupted, "")
    }

    private func take(_ event: FollowedEvent, _ summary: inout WatchSummary, _ isOpen: inout Bool) {
        switch event {
        case .message(let message):
            summary.add(message.fields)
            let state = message["capture"] ?? message["state"]?["capture"]
            if let word = state?.string { isOpen = word == "open" }
        case .lost:
            summary.addDisconnection()
            isOpen = false
            report(event)
        case .found, .nothing: report(event)
        }
    }

    /// Seconds since the start.
    private var now: Double { (ContinuousClock.now - start) / .seconds(1) }
    private var isInterrupted: Bool { signals.hasArrived(SIGINT) || signals.hasArrived(SIGTERM) }

    private mutating func next(_ atEnd: (Double) -> Void) throws -> FollowedEvent {
        do { return try follower.next(until: .now + Self.pause) } catch {
            atEnd(now)
            throw error
        }
    }

    private func report(_ event: FollowedEvent) {
        if let sentence = event.sentence { StandardError.write("undertone: \(sentence)\n") }
    }
}

extension FollowedEvent {
    /// A sentence for people about the connection; nil if the event is not about it.
    var sentence: String? {
        switch self {
        case .lost(let why): "the daemon closed the connection: \(why); connecting again when it answers"
        case .found: "connected again; the audio clock began again at 0"
        case .message, .nothing: nil
        }
    }
}
