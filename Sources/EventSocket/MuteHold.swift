// SPDX-License-Identifier: Apache-2.0
public import EmotionEvents

/// Request to keep the microphone closed.
public struct MuteRequest: Sendable, Equatable {
    /// Name of the hold if the client gives none.
    public static let standardName = "user"
    /// Longest name of a hold, in bytes.
    public static let longestName = 64

    /// Name of the hold.
    public var hold: String
    /// True for a hold that ends with the connection that set it.
    public var isWhileConnected: Bool

    /// A request for the hold `hold`.
    public init(hold: String = Self.standardName, isWhileConnected: Bool = false) {
        self.hold = hold
        self.isWhileConnected = isWhileConnected
    }
}

/// A hold that keeps the microphone closed. It opens only when no hold is left.
public struct MuteHold: Sendable, Equatable {
    /// Name, unique for each user and socket.
    public var name: String
    /// User that set it.
    public var userID: UInt32
    /// Process that set it, 0 if it was set before the daemon started.
    public var processID: Int32
    /// True if it came over the events socket; false for the owner's holds.
    public var isEventsClient: Bool
    /// True if it ends with its connection.
    public var isWhileConnected: Bool
    /// Time of day when it was set, nanoseconds since 1970.
    public var wallNanoseconds: Int64

    /// Creates a hold.
    public init(
        name: String,
        userID: UInt32,
        processID: Int32,
        isEventsClient: Bool,
        isWhileConnected: Bool,
        wallNanoseconds: Int64
    ) {
        self.name = name
        self.userID = userID
        self.processID = processID
        self.isEventsClient = isEventsClient
        self.isWhileConnected = isWhileConnected
        self.wallNanoseconds = wallNanoseconds
    }

    /// Appends the fields to the object that is open in `writer`.
    public func write(to writer: inout JSONWriter) {
        writer.field("name", name)
        writer.field("uid", Int(userID))
        writer.field("pid", Int(processID))
        writer.field("socket", isEventsClient ? "events" as StaticString : "control")
        writer.field("while_connected", isWhileConnected)
        writer.field("since", WallTime.text(nanoseconds: wallNanoseconds))
    }

    /// Reads the fields from an element of `holds`; those that are missing keep their defaults.
    public init(_ object: JSONValue) {
        name = object["name"]?.string ?? ""
        userID = UInt32(clamping: object["uid"]?.integer ?? 0)
        processID = Int32(clamping: object["pid"]?.integer ?? 0)
        isEventsClient = object["socket"]?.string == "events"
        isWhileConnected = object["while_connected"]?.bool ?? false
        wallNanoseconds = object["since"]?.string.flatMap(WallTime.nanoseconds) ?? 0
    }
}

/// Progress of a mute, for its answer.
public enum MuteProgress: Sendable, Equatable {
    /// No audio is analysed any more, but the device is not closed yet; the note has the reason.
    case pending(note: String)
    /// The microphone is closed. `note` adds information.
    case settled(note: String?)
}
