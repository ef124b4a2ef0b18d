// SPDX-License-Identifier: Apache-2.0
import Spelling

/// Parses the bytes of one line into a request: a pure function, defined for all input.
///
/// Unknown fields are ignored, as the protocol requires of both sides; unknown *values* are refused with the
/// nearest known one, since a filter that silently matches nothing would be worse.
package struct RequestParser: Sendable {
    private let role: SocketRole
    private let modelLabels: [String]
    private let modelAttributes: [String]
    private let mayMute: Bool
    private var verbs: [String] { role.verbs(mayMute: mayMute) }

    /// A parser for one of the two sockets, before a model with these labels and attributes.
    ///
    /// - Parameter mayMute: true if clients of the events socket may set holds on the microphone.
    package init(
        role: SocketRole,
        modelLabels: [String],
        modelAttributes: [String] = [],
        mayMute: Bool = false
    ) {
        self.mayMute = mayMute
        self.modelAttributes = modelAttributes
        self.role = role
        self.modelLabels = modelLabels
    }

    /// Parses one line without its newline.
    package func parse(_ line: [UInt8]) throws(RequestError) -> NumberedRequest {
        let members = try object(line)
        let id = try identifier(members["id"])
        do {
            return NumberedRequest(id: id, request: try request(members))
        } catch {
            var error = error
            error.id = id
            throw error
        }
    }

    private func object(_ line: [UInt8]) throws(RequestError) -> [String: JSONValue] {
        let value: JSONValue
        do { value = try JSONValue(parsing: line) } catch {
            throw RequestError(
                code: .badRequest,
                message: "not JSON: \(error)",
                hint: "send one object a line"
            )
        }
        guard let members = value.object else {
            throw RequestError(code: .badRequest, message: "a request is an object, not \(value.kind)")
        }
        return members
    }

    /// Returns the whole number exactly: a floating-point number cannot hold all numbers above 2^53.
    private func identifier(_ value: JSONValue?) throws(RequestError) -> Int? {
        guard let value, value != .null else { return nil }
        if let id = value.exactInteger { return id }
        throw RequestError(
            code: .badRequest,
            message: "id must be a whole number of at most 64 bits, not \(value.kind)"
        )
    }

    private func request(_ members: [String: JSONValue]) throws(RequestError) -> Request {
        guard let verb = members["type"]?.string else {
            throw RequestError(code: .badRequest, message: "a request needs a type", hint: known(verbs))
        }
        switch (role, verb) {
        case (.events, "subscribe"):
            return .subscribe(
                try OptionsParser(modelLabels: modelLabels, modelAttributes: modelAttributes).parse(members)
            )
        case (.events, "unsubscribe"):
            guard let name = members["sub"]?.string else {
                throw RequestError(code: .badRequest, message: "unsubscribe needs sub, the name from the ack")
            }
            return .unsubscribe(name)
        case (.events, "mute") where mayMute, (.events, "unmute") where mayMute:
            return .command(try command(verb, members))
        case (.control, "status"): return .status
        case (.control, "clients"): return .clients
        case (.control, _): return .command(try command(verb, members))
        default: throw unknown(verb)
        }
    }

    private func command(_ verb: String, _ members: [String: JSONValue]) throws(RequestError)
        -> ControlCommand
    {
        switch verb {
        case "devices": return .devices
        case "mute": return .mute(try muteRequest(members))
        case "unmute": return .unmute(hold: try hold(members["hold"]))
        case "lock_mute": return .lockMute
        case "reset": return .reset
        case "reload": return .reload
        case "set": return .set(try settings(members["settings"]))
        case "use_device":
            guard let device = members["device"]?.string, !device.isEmpty else {
                throw RequestError(
                    code: .badRequest,
                    message: "use_device needs device, a name from the list of devices"
                )
            }
            return .useDevice(device)
        default: throw unknown(verb)
        }
    }

    private func muteRequest(_ members: [String: JSONValue]) throws(RequestError) -> MuteRequest {
        var request = MuteRequest(hold: try hold(members["hold"]))
        if let value = members["while_connected"], value != .null {
            guard let flag = value.bool else {
                throw RequestError(
                    code: .badRequest,
                    message: "while_connected must be true or false, not \(value.kind)"
                )
            }
            request.isWhileConnected = flag
        }
        return request
    }

    private func hold(_ value: JSONValue?) throws(RequestError) -> String {
        guard let value, value != .null else { return MuteRequest.standardName }
        guard let name = value.string, (1...MuteRequest.longestName).contains(name.utf8.count),
            !name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
        else {
            throw RequestError(
                code: .badRequest,
                message:
                    "hold must be text of 1 to \(MuteRequest.longestName) bytes without control characters"
            )
        }
        return name
    }

    /// Returns the values as text, as in the configuration file, for any JSON type of value.
    private func settings(_ value: JSONValue?) throws(RequestError) -> [String: String] {
        guard let members = value?.object, !members.isEmpty else {
            throw RequestError(
                code: .badRequest,
                message: "set needs settings, an object of keys and values",
                hint: "undertoned --help lists the keys"
            )
        }
        var texts: [String: String] = [:]
        for (key, value) in members {
            guard let text = value.plainText else {
                throw RequestError(
                    code: .badRequest,
                    message: "'\(key.prefix(64))' must be one value, not \(value.kind)"
                )
            }
            texts[key] = text
        }
        return texts
    }

    private func unknown(_ verb: String) -> RequestError {
        let other: SocketRole = role == .events ? .control : .events
        var hint = known(verbs)
        if other.verbs(mayMute: false).contains(verb) {
            hint = "'\(verb)' belongs to the \(other == .control ? "control" : "events") socket"
        } else if let nearest = nearestWord(to: verb, among: verbs) {
            hint = "did you mean '\(nearest)'?"
        }
        return RequestError(code: .unknownVerb, message: "unknown verb '\(verb.prefix(64))'", hint: hint)
    }

    private func known(_ verbs: [String]) -> String { "known here: " + verbs.joined(separator: ", ") }
}
