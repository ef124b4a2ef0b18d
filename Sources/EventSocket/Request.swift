// SPDX-License-Identifier: Apache-2.0

/// A client's request: one JSON object on one line.
public enum Request: Sendable, Equatable {
    /// Subscribe to events.
    case subscribe(SubscriptionOptions)
    /// End this subscription.
    case unsubscribe(String)
    /// Report the state of the daemon. Control socket only.
    case status
    /// List the connections. Control socket only.
    case clients
    /// Run a command. Control socket only.
    case command(ControlCommand)
}

/// A request with the number that its answer returns.
package struct NumberedRequest: Sendable, Equatable {
    /// The client's number, if it gave one.
    package let id: Int?
    /// The request.
    package let request: Request
}

/// The socket of a connection.
package enum SocketRole: Sendable, Equatable {
    /// Clients that receive events.
    case events
    /// The owner's commands.
    case control

    /// Verbs of this socket. `mayMute` is true if clients of the events socket may set holds.
    func verbs(mayMute: Bool) -> [String] {
        switch self {
        case .events: ["subscribe", "unsubscribe"] + (mayMute ? ["mute", "unmute"] : [])
        case .control:
            [
                "status", "clients", "devices", "use_device", "mute", "unmute", "lock_mute", "reset",
                "reload",
                "set",
            ]
        }
    }
}

/// Reason for a refused request, sent as an `error` message.
package struct RequestError: Error, Equatable, Sendable {
    /// Code for programs.
    package enum Code: String, CaseIterable, Sendable {
        /// Not a JSON object.
        case badRequest = "bad_request"
        /// No such verb on this socket.
        case unknownVerb = "unknown_verb"
        /// A field of a subscription has an invalid value.
        case badFilter = "bad_filter"
        /// No such subscription.
        case unknownSubscription = "unknown_sub"
        /// More subscriptions than one connection may have.
        case tooManySubscriptions = "too_many_subs"
        /// More connections than the daemon accepts.
        case tooManyClients = "too_many_clients"
        /// A request line that is too long.
        case tooLong = "too_long"
        /// A request line that was not completed in time.
        case tooSlow = "too_slow"
        /// This user may not use the socket.
        case notPermitted = "not_permitted"
        /// A command that failed.
        case failed
        /// Mute is locked.
        case locked
    }

    /// The request's number, if it could be read.
    package var id: Int?
    /// Code of the error.
    package let code: Code
    /// Error message, one sentence.
    package let message: String
    /// Hint on fixing the request.
    package var hint: String?
}
