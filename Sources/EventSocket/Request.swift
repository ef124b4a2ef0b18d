// SPDX-License-Identifier: Apache-2.0

/// What a client may ask for, one JSON object on one line.
public enum Request: Sendable, Equatable {
    /// Send me events.
    case subscribe(SubscriptionOptions)
    /// Stop sending those of this subscription.
    case unsubscribe(String)
    /// How are you? Control socket only.
    case status
    /// List the connections. Control socket only.
    case clients
    /// Do something. Control socket only.
    case command(ControlCommand)
}

/// A request with the number by which its answer is known.
package struct NumberedRequest: Sendable, Equatable {
    /// The client's number, if it gave one.
    package let id: Int?
    /// What it asks for.
    package let request: Request
}

/// Which socket a connection came in on.
package enum SocketRole: Sendable, Equatable {
    /// Clients that receive events.
    case events
    /// The owner's commands.
    case control

    /// The verbs that are answered here. `mayMute` tells whether clients of the events socket may set holds.
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

/// Why a request was refused: what the `error` message says.
package struct RequestError: Error, Equatable, Sendable {
    /// One word for programs.
    package enum Code: String, CaseIterable, Sendable {
        /// Not a JSON object.
        case badRequest = "bad_request"
        /// No such verb on this socket.
        case unknownVerb = "unknown_verb"
        /// A field of a subscription has a value that it cannot have.
        case badFilter = "bad_filter"
        /// No such subscription.
        case unknownSubscription = "unknown_sub"
        /// More subscriptions than one connection may hold.
        case tooManySubscriptions = "too_many_subs"
        /// More connections than the daemon accepts.
        case tooManyClients = "too_many_clients"
        /// A request line that is too long.
        case tooLong = "too_long"
        /// A request line that was begun and not ended.
        case tooSlow = "too_slow"
        /// Not for this user.
        case notPermitted = "not_permitted"
        /// A command that could not be carried out.
        case failed
        /// Mute is locked.
        case locked
    }

    /// The request's number, if it could be read.
    package var id: Int?
    /// What kind of error.
    package let code: Code
    /// One sentence for people.
    package let message: String
    /// How to mend it.
    package var hint: String?
}
