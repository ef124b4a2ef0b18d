// SPDX-License-Identifier: Apache-2.0
import EventSocket
import Foundation
import ServiceRuntime

/// The next message of a daemon that is followed over its restarts.
enum FollowedEvent {
    case message(ServerMessage)
    /// The connection ended for this reason; the daemon is tried again.
    case lost(String)
    /// A daemon answered again, with this `hello`.
    case found(ServerMessage)
    /// The time given passed first.
    case nothing
}

/// A subscription that is made again whenever the daemon comes back.
struct DaemonFollower {
    private let paths: [String]
    private let options: SubscriptionOptions
    private let reconnects: Bool
    private var client: EventClient?
    private var backOff = BackOff()
    private var attempt = ContinuousClock.now
    private var reason = "connection lost"

    /// Connects once: a daemon that never ran is a mistake that a person should see at once.
    init(paths: [String], options: SubscriptionOptions, reconnects: Bool) throws(ClientError) {
        (self.paths, self.options, self.reconnects) = (paths, options, reconnects)
        client = try Self.connect(paths, options)
    }

    private static func connect(
        _ paths: [String],
        _ options: SubscriptionOptions
    ) throws(ClientError) -> EventClient {
        let client = try EventClient(paths: paths)
        try client.subscribe(options)
        return client
    }

    /// The next event, waiting for it until `end`; nil waits without limit.
    ///
    /// - Throws: a failure if the connection ended and is not to be made again, or cannot be: no permission, another
    ///   protocol, a subscription that the new daemon refuses.
    mutating func next(until end: ContinuousClock.Instant? = nil) throws -> FollowedEvent {
        guard let client else { return try reconnect(until: end) }
        do {
            guard let message = try client.next(timeout: end.map { max(.zero, $0 - .now) }) else {
                return try lose()
            }
            if message.type == "bye" { reason = message["why"]?.string ?? reason }
            return .message(message)
        } catch ClientError.timedOut {
            return .nothing
        } catch ClientError.broken {
            return try lose()
        }
    }

    private mutating func lose() throws -> FollowedEvent {
        client = nil
        guard reconnects else {
            throw ProgramFailure(.daemonUnreachable, "the daemon closed the connection: \(reason)")
        }
        backOff = BackOff()
        attempt = .now + backOff.take()
        defer { reason = "connection lost" }
        return .lost(reason)
    }

    private mutating func reconnect(until end: ContinuousClock.Instant?) throws -> FollowedEvent {
        while true {
            let wake = min(attempt, end ?? attempt)
            Thread.sleep(forTimeInterval: max(0, (wake - .now) / .seconds(1)))
            if attempt > .now { return .nothing }
            do {
                let found = try Self.connect(paths, options)
                client = found
                return .found(found.hello.message)
            } catch {
                guard error.mayPass else { throw error }
                attempt = .now + backOff.take()
            }
        }
    }
}

extension ClientError {
    /// True if another attempt may succeed.
    fileprivate var mayPass: Bool {
        switch self {
        case .unreachable, .timedOut, .broken, .refused(code: "too_many_clients", _, _): true
        // A daemon that is stopping closes a new connection without a greeting.
        case .noGreeting: true
        case .protocolMismatch, .permissionDenied, .refused: false
        }
    }
}
