// SPDX-License-Identifier: Apache-2.0
package import EmotionEvents
import Glibc

/// A blocking connection to the daemon.
///
///     let client = try EventClient(paths: SocketAddresses.events(explicit: nil, environment: environment))
///     try client.subscribe(SubscriptionOptions())
///     while let message = try client.next() { print(message.text) }
///
/// - Thread: one at a time.
public final class EventClient {
    /// The daemon's `hello`.
    public let hello: Hello
    /// The process that listens, as the kernel knows it: the daemon, or a service manager that opened the socket for it.
    public var peerProcess: Int32? { wire.peer?.processID }
    private let wire: ClientSocket
    private var waiting: [ServerMessage] = []
    private var lastRequest = 0

    /// Connects to the first of `paths` at which a daemon answers, and reads its greeting.
    ///
    /// - Parameter timeout: limit for the greeting, and later for each answer.
    /// - Throws: ``ClientError``.
    public init(paths: [String], timeout: Duration = .seconds(5)) throws(ClientError) {
        wire = try ClientSocket(paths: paths, timeout: timeout)
        guard let line = try wire.nextLine(timeout: timeout) else {
            throw .noGreeting
        }
        hello = try Hello(try ServerMessage(line))
    }

    /// Subscribes to events and waits for the answer.
    ///
    /// - Returns: the subscription's name, which its messages carry as `sub`.
    @discardableResult
    public func subscribe(_ options: SubscriptionOptions) throws(ClientError) -> String {
        let answer = try ask("subscribe", for: "ack") { options.write(to: &$0) }
        return answer["sub"]?.string ?? ""
    }

    /// Ends a subscription. Messages already sent may still arrive.
    public func unsubscribe(_ subscription: String) throws(ClientError) {
        _ = try ask("unsubscribe", for: "ack") { $0.field("sub", subscription) }
    }

    /// Requests the state of the daemon. Control socket only.
    public func status() throws(ClientError) -> StatusReport {
        StatusReport(try ask("status", for: "status") { _ in }.fields)
    }

    /// Sends a command and waits for its result. Control socket only.
    ///
    /// - Returns: the daemon's answer: `ack`, sometimes with a `note`, or `devices`.
    @discardableResult
    public func command(_ command: ControlCommand) throws(ClientError) -> ServerMessage {
        try ask(command.verb, for: command == .devices ? "devices" : "ack") { command.write(to: &$0) }
    }

    /// Lists the clients. Control socket only.
    ///
    /// - Returns: the connections, oldest first, and the number of connections not listed.
    public func clients() throws(ClientError) -> (list: [ClientReport], more: Int) {
        let answer = try ask("clients", for: "clients") { _ in }
        return ((answer["list"]?.array ?? []).map(ClientReport.init), answer["more"]?.integer ?? 0)
    }

    /// The next message, waiting for it.
    ///
    /// - Parameter timeout: how long to wait; nil for no limit.
    /// - Returns: nil when the daemon has closed the connection (its last message is a `bye`).
    /// - Throws: ``ClientError/timedOut`` and others.
    public func next(timeout: Duration? = nil) throws(ClientError) -> ServerMessage? {
        if !waiting.isEmpty { return waiting.removeFirst() }
        guard let line = try wire.nextLine(timeout: timeout) else { return nil }
        return try ServerMessage(line)
    }

    /// Sends a request and waits for its answer; events that come before it are kept for ``next(timeout:)``.
    private func ask(
        _ verb: String,
        for expected: String,
        _ body: (inout JSONWriter) -> Void
    ) throws(ClientError) -> ServerMessage {
        lastRequest += 1
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("type", verb)
        writer.field("id", lastRequest)
        body(&writer)
        writer.endObject()
        writer.endLine()
        try wire.send(writer.bytes)
        while let line = try wire.nextLine(timeout: wire.timeout) {
            let message = try ServerMessage(line)
            if message["id"]?.integer == lastRequest {
                if message.type == expected { return message }
                if message.type == "error" { throw message.refusal }
            }
            waiting.append(message)
        }
        throw .broken(code: ECONNRESET)
    }
}

extension SubscriptionOptions {
    /// Appends the fields of a `subscribe` request; those with their default value are left out.
    package func write(to writer: inout JSONWriter) {
        writer.beginArray("events")
        for kind in EventKind.allCases where kinds.contains(kind) { writer.element(kind.rawValue) }
        writer.endArray()
        writer.field("mode", mode.rawValue)
        if let delta { writer.field("delta", delta, decimals: 6) }
        if let maximumHz { writer.field("max_hz", maximumHz, decimals: 3) }
        if minimumConfidence > 0 { writer.field("min_conf", minimumConfidence, decimals: 6) }
        if let labels {
            writer.beginArray("labels")
            for label in labels { writer.element(label) }
            writer.endArray()
        }
        if wantsSnapshot { writer.field("snapshot", true) }
        writer.beginObject("queue")
        writer.field("max", queueMaximum)
        writer.field("policy", queuePolicy.rawValue)
        writer.endObject()
        if let name { writer.field("name", name) }
    }
}
