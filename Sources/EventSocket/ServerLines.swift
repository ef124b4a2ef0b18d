// SPDX-License-Identifier: Apache-2.0
package import EmotionEvents

/// Lines that the server sends itself, newline included. `EventLine` writes events.
package enum ServerLines {
    /// The first line of every connection.
    package static func hello(_ identity: ServerIdentity, audioSample: Int64, wallNanoseconds: Int64)
        -> [UInt8]
    {
        var writer = JSONWriter()
        writeOpenHello(identity, audioSample: audioSample, wallNanoseconds: wallNanoseconds, to: &writer)
        writer.endObject()
        writer.endLine()
        return writer.bytes
    }

    /// The object of `hello` without its last brace, so that it can be queued for a subscription after a model change.
    package static func writeOpenHello(
        _ identity: ServerIdentity,
        audioSample: Int64,
        wallNanoseconds: Int64,
        to writer: inout JSONWriter
    ) {
        writer.beginObject()
        writer.field("type", "hello")
        writer.beginArray("proto")
        writer.element(Double(ServerIdentity.protocolVersion.major), decimals: 0)
        writer.element(Double(ServerIdentity.protocolVersion.minor), decimals: 0)
        writer.endArray()
        writer.field("server", identity.server)
        writer.field("instance", identity.instance)
        write(identity.model, to: &writer)
        writer.beginObject("clock")
        writer.field("audio", Double(audioSample) / Double(audioClockRate), decimals: 3)
        writer.field("wall", WallTime.text(nanoseconds: wallNanoseconds))
        writer.endObject()
        writer.beginArray("caps")
        for ability in ["filter", "snapshot", "gap", "vad", "vocal", "level"] { writer.element(ability) }
        writer.endArray()
        writer.field("audio_retained", false)
    }

    private static func write(_ model: ServerIdentity.Model, to writer: inout JSONWriter) {
        writer.beginObject("model")
        writer.field("id", model.id)
        writer.field("sha256", model.sha256)
        writer.beginArray("labels")
        for label in model.labels { writer.element(label) }
        writer.endArray()
        writer.beginObject("dims")
        for name in model.attributes {
            writer.beginArray(named: name)
            for end in [-1.0, 1.0] { writer.element(end, decimals: 0) }
            writer.endArray()
        }
        writer.endObject()
        writer.field("hop_ms", model.hopMilliseconds)
        writer.field("causal", model.isCausal)
        writer.field("latency_ms", model.latencyMilliseconds, decimals: 1)
        if let set = model.calibrationSet {
            writer.field("calibration", set)
        } else {
            writer.null("calibration")
        }
        writer.endObject()
    }

    /// A subscription was made or ended.
    package static func ack(id: Int?, subscription: String) -> [UInt8] {
        line("ack") { writer in
            write(id, to: &writer)
            writer.field("sub", subscription)
        }
    }

    /// A command succeeded.
    package static func ack(id: Int?, note: String?) -> [UInt8] {
        line("ack") { writer in
            write(id, to: &writer)
            if let note { writer.field("note", note) }
        }
    }

    /// Result of a command.
    package static func outcome(_ outcome: ControlOutcome, id: Int?) -> [UInt8] {
        switch outcome {
        case .done(let note): ack(id: id, note: note)
        case .devices(let objects): devices(id: id, objects)
        case .refused(let message, let hint):
            error(RequestError(id: id, code: .failed, message: message, hint: hint))
        case .locked(let message, let hint):
            error(RequestError(id: id, code: .locked, message: message, hint: hint))
        }
    }

    private static func devices(id: Int?, _ objects: [String]) -> [UInt8] {
        line("devices") { writer in
            write(id, to: &writer)
            writer.beginArray("list")
            for object in objects { writer.element(json: object) }
            writer.endArray()
        }
    }

    /// Number of connections that fit into a line of 64 KiB with any names.
    private static let longestList = 150

    /// The list of clients.
    package static func clients(id: Int?, _ list: [ClientReport]) -> [UInt8] {
        line("clients") { writer in
            write(id, to: &writer)
            writer.beginArray("list")
            for report in list.prefix(longestList) {
                writer.beginObject()
                report.write(to: &writer)
                writer.endObject()
            }
            writer.endArray()
            if list.count > longestList { writer.field("more", list.count - longestList) }
        }
    }

    /// A request was refused, or the connection was.
    package static func error(_ error: RequestError) -> [UInt8] {
        line("error") { writer in
            write(error.id, to: &writer)
            writer.field("code", error.code.rawValue)
            writer.field("message", error.message)
            if let hint = error.hint { writer.field("hint", hint) }
        }
    }

    /// The state when the client subscribed.
    package static func snapshot(
        subscription: String,
        capture: CaptureCondition,
        device: String?,
        model: String,
        last: (estimate: Estimate, ageMilliseconds: Double)?,
        events: EventLine
    ) -> [UInt8] {
        line("snapshot") { writer in
            writer.field("sub", subscription)
            writer.beginObject("state")
            writer.field("capture", capture.word)
            writer.field("muted", capture == .muted)
            if let device { writer.field("device", device) }
            writer.field("model", model)
            writer.endObject()
            guard let last else { return writer.null("last") }
            writer.beginObject("last")
            writer.beginObject("estimate")
            events.write(last.estimate, to: &writer)
            writer.endObject()
            writer.field("age_ms", last.ageMilliseconds, decimals: 0)
            writer.endObject()
        }
    }

    /// Messages that one subscription lost, by their numbers.
    package static func gap(subscription: String, lost: ClosedRange<UInt64>) -> [UInt8] {
        line("gap") { writer in
            writer.field("sub", subscription)
            writer.field("from", lost.lowerBound)
            writer.field("to", lost.upperBound)
            writer.field("dropped", lost.upperBound - lost.lowerBound + 1)
            writer.field("why", "slow_client" as StaticString)
        }
    }

    /// Events that were lost before they had a number, because the server itself was too slow.
    package static func gap(subscription: String, lostEvents: Int) -> [UInt8] {
        line("gap") { writer in
            writer.field("sub", subscription)
            writer.field("dropped", lostEvents)
            writer.field("why", "server_busy" as StaticString)
        }
    }

    /// The last line of a connection that the server closes.
    package static func bye(_ why: ByeReason) -> [UInt8] {
        line("bye") { $0.field("why", why.word) }
    }

    /// The answer to `status`.
    package static func status(id: Int?, _ report: StatusReport) -> [UInt8] {
        line("status") { writer in
            write(id, to: &writer)
            report.write(to: &writer)
        }
    }

    private static func write(_ id: Int?, to writer: inout JSONWriter) {
        if let id { writer.field("id", id) } else { writer.null("id") }
    }

    private static func line(_ type: StaticString, _ body: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("type", type)
        body(&writer)
        writer.endObject()
        writer.endLine()
        return writer.bytes
    }
}

/// Reasons for the server to close a connection.
package enum ByeReason: CaseIterable, Sendable {
    /// The daemon is stopping.
    case shutdown
    /// The client read nothing for too long, or exceeded its queue limit.
    case slowClient
    /// A request line was too long.
    case tooLong
    /// A request line was not completed in time.
    case tooSlow
    /// The total queue limit was exceeded, and this client had the largest queue.
    case memory
    /// The connection was refused; an `error` line before it has the reason.
    case refused
    /// The connection sent no request for too long, or was closed to accept another one.
    case idle
    /// The client shut down its sending side, and nothing is left to send.
    case done

    /// Name in the protocol.
    package var word: StaticString {
        switch self {
        case .shutdown: "shutdown"
        case .slowClient: "slow_client"
        case .tooLong: "too_long"
        case .tooSlow: "too_slow"
        case .memory: "memory"
        case .refused: "refused"
        case .idle: "idle"
        case .done: "done"
        }
    }
}
