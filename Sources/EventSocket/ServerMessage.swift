// SPDX-License-Identifier: Apache-2.0
// Re-exported: a client needs the values of messages.
@_exported public import StrictJSON

/// One line from the daemon.
public struct ServerMessage: Sendable, Equatable {
    /// The received line without its newline.
    public let text: String
    /// Message type; ignore unknown types.
    public let type: String
    /// Fields; ignore unknown ones.
    public let fields: JSONValue

    /// The field with this name.
    public subscript(name: String) -> JSONValue? { fields[name] }

    /// Parses a line.
    ///
    /// - Throws: ``ClientError/protocolMismatch(_:)`` if it is not a JSON object with a type.
    package init(_ line: [UInt8]) throws(ClientError) {
        text = String(decoding: line, as: UTF8.self)
        do { fields = try JSONValue(parsing: line, limits: JSONLimits(depth: 16)) } catch {
            throw .protocolMismatch("a line is not JSON: \(error)")
        }
        guard let type = fields["type"]?.string else { throw .protocolMismatch("a line has no type") }
        self.type = type
    }
}

/// The daemon's first message.
public struct Hello: Sendable, Equatable {
    /// Program and version.
    public let server: String
    /// Random for each start of the daemon.
    public let instance: String
    /// Name of the model.
    public let model: String
    /// The model's labels.
    public let labels: [String]
    /// The model's attributes, sorted by name; usually none.
    public let attributes: [String]
    /// The whole line.
    public let message: ServerMessage

    /// Checks that `message` is a `hello` of our major version.
    package init(_ message: ServerMessage) throws(ClientError) {
        if message.type == "error" { throw message.refusal }
        guard message.type == "hello" else { throw .protocolMismatch("the first line is not 'hello'") }
        let major = message["proto"]?.array?.first?.integer
        guard major == ServerIdentity.protocolVersion.major else {
            let known = ServerIdentity.protocolVersion.major
            throw .protocolMismatch(
                "version \(major.map(String.init) ?? "unknown"), this program speaks \(known)"
            )
        }
        server = message["server"]?.string ?? ""
        instance = message["instance"]?.string ?? ""
        model = message["model"]?["id"]?.string ?? ""
        labels = message["model"]?["labels"]?.array?.compactMap(\.string) ?? []
        attributes = message["model"]?["dims"]?.object?.keys.sorted() ?? []
        self.message = message
    }
}

extension ServerMessage {
    /// An `error` message as an error.
    var refusal: ClientError {
        .refused(
            code: self["code"]?.string ?? "unknown",
            message: self["message"]?.string ?? "no reason given",
            hint: self["hint"]?.string
        )
    }
}
