// SPDX-License-Identifier: Apache-2.0
import EmotionEvents

/// Commands of the owner to a running daemon that the server does not answer by itself.
public enum ControlCommand: Sendable, Equatable {
    /// List the microphones.
    case devices
    /// Capture from another microphone.
    case useDevice(String)
    /// Close the microphone and wipe pending audio, until this hold and all others are released.
    case mute(MuteRequest = MuteRequest())
    /// Release the hold with this name.
    case unmute(hold: String = MuteRequest.standardName)
    /// Mute so that no command can undo it.
    case lockMute
    /// Clear the analysis state.
    case reset
    /// Read configuration and model again.
    case reload
    /// Change settings until the next reload or restart: values by key, as the configuration file would hold them.
    case set([String: String])

    /// Name in the protocol.
    public var verb: String {
        switch self {
        case .devices: "devices"
        case .useDevice: "use_device"
        case .mute: "mute"
        case .unmute: "unmute"
        case .lockMute: "lock_mute"
        case .reset: "reset"
        case .reload: "reload"
        case .set: "set"
        }
    }

    /// Description for the log.
    public var sentence: String {
        switch self {
        case .useDevice(let name): "\(verb) \(name)"
        case .mute(let request):
            "\(verb) \(request.hold)" + (request.isWhileConnected ? " while connected" : "")
        case .unmute(let hold): "\(verb) \(hold)"
        case .set(let values):
            "\(verb) " + values.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }.joined(separator: " ")
        default: verb
        }
    }

    /// Appends the fields of the request except type and number.
    func write(to writer: inout JSONWriter) {
        switch self {
        case .useDevice(let name): writer.field("device", name)
        case .mute(let request):
            writer.field("hold", request.hold)
            if request.isWhileConnected { writer.field("while_connected", true) }
        case .unmute(let hold): writer.field("hold", hold)
        case .set(let values):
            writer.beginObject("settings")
            for (key, value) in values.sorted(by: { $0.key < $1.key }) { writer.field(named: key, value) }
            writer.endObject()
        default: break
        }
    }
}

/// Sender of a command.
public struct ControlPeer: Sendable, Equatable {
    /// The user.
    public let userID: UInt32
    /// The process that connected.
    public let processID: Int32
    /// True for a client of the events socket; false for the owner.
    public let isEventsClient: Bool
    /// Number of the connection, different for all connections of a daemon.
    public let connection: UInt64
    /// Number of the request over all connections, in order of arrival. A command that waited for others must not
    /// undo a later request.
    public let order: UInt64

    /// Creates a sender.
    public init(userID: UInt32, processID: Int32, isEventsClient: Bool, connection: UInt64, order: UInt64) {
        self.userID = userID
        self.processID = processID
        self.isEventsClient = isEventsClient
        self.connection = connection
        self.order = order
    }
}

/// Result of a command.
public enum ControlOutcome: Sendable, Equatable {
    /// Success. `note` adds information for the owner in one sentence.
    case done(note: String? = nil)
    /// The devices, each as the JSON object that `undertone devices --json` prints.
    case devices([String])
    /// Failure: one sentence with the reason and how to fix it.
    case refused(String, hint: String? = nil)
    /// Mute is locked, and no program may unlock it.
    case locked(String, hint: String)

    /// Text for the log.
    public var sentence: String {
        switch self {
        case .done(let note): note ?? "done"
        case .devices(let list): "\(list.count) devices"
        case .refused(let message, _), .locked(let message, _): message
        }
    }
}
