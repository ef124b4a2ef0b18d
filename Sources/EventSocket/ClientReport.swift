// SPDX-License-Identifier: Apache-2.0
public import EmotionEvents

/// One connection, as `undertone clients` lists it.
public struct ClientReport: Sendable, Equatable {
    /// The process that connected; another one may hold the socket by now.
    public var processID: Int32 = 0
    /// User of that process.
    public var userID: UInt32 = 0
    /// Name that the client gave, if any.
    public var name: String?
    /// True for a connection to the control socket.
    public var isControl = false
    /// Number of its subscriptions.
    public var subscriptions = 0
    /// Messages lost because the client was too slow.
    public var droppedMessages: UInt64 = 0
    /// Size of the messages that wait for it, in bytes.
    public var waitingBytes = 0
    /// Time since it connected.
    public var connectedSeconds = 0.0

    /// An empty report.
    public init() {}

    /// Appends the fields to the object that is open in `writer`.
    public func write(to writer: inout JSONWriter) {
        writer.field("pid", Int(processID))
        writer.field("uid", Int(userID))
        if let name { writer.field("name", name) }
        writer.field("socket", isControl ? "control" as StaticString : "events")
        writer.field("subscriptions", subscriptions)
        writer.field("dropped", droppedMessages)
        writer.field("waiting_bytes", waitingBytes)
        writer.field("connected_s", connectedSeconds, decimals: 1)
    }

    /// Reads the fields from an element of the list; those that are missing keep their defaults.
    public init(_ object: JSONValue) {
        processID = Int32(clamping: object["pid"]?.integer ?? 0)
        userID = UInt32(clamping: object["uid"]?.integer ?? 0)
        name = object["name"]?.string
        isControl = object["socket"]?.string == "control"
        subscriptions = object["subscriptions"]?.integer ?? 0
        droppedMessages = UInt64(clamping: object["dropped"]?.integer ?? 0)
        waitingBytes = object["waiting_bytes"]?.integer ?? 0
        connectedSeconds = object["connected_s"]?.number ?? 0
    }
}
