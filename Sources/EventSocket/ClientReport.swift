// SPDX-License-Identifier: Apache-2.0
public import EmotionEvents

/// One connection, as `undertone clients` lists it.
public struct ClientReport: Sendable, Equatable {
    /// The process that connected; another one may hold the socket by now.
    public var processID: Int32 = 0
    /// Its user.
    public var userID: UInt32 = 0
    /// What the client calls itself, if it said so.
    public var name: String?
    /// True for a connection to the control socket.
    public var isControl = false
    /// How many subscriptions it holds.
    public var subscriptions = 0
    /// Messages that it was too slow for.
    public var droppedMessages: UInt64 = 0
    /// What waits for it, in bytes.
    public var waitingBytes = 0
    /// For how long it is connected.
    public var connectedSeconds = 0.0

    /// A report of no connection yet.
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
