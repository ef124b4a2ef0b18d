// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Sockets and limits of the daemon.
public struct EventServerSettings: Sendable {
    /// Source of a listening socket.
    public enum Endpoint: Sendable, Equatable {
        /// A path that we bind.
        case path(String)
        /// A socket that the service manager opened.
        case inherited(CInt)
    }

    /// The socket for clients of events.
    public var events: Endpoint
    /// The socket for the owner's commands; nil for none.
    public var control: Endpoint?
    /// Permissions of the events socket's file. The control socket is always 0600.
    public var mode: UInt32 = 0o600
    /// Most connections to the events socket.
    public var maximumClients = 1_024
    /// Most connections of one user.
    public var maximumClientsPerUser = 64
    /// Most subscriptions of one connection.
    public var maximumSubscriptions = 8
    /// Most bytes that may wait for one client, not counting the kernel's buffer.
    public var waitingByteLimit = 256 * 1_024
    /// Most bytes that may wait for all clients together; beyond it the client with the largest queue is closed first.
    public var totalWaitingByteLimit = 64 * 1_024 * 1_024
    /// Most bytes that the kernel may hold for one client, including the kernel's overhead.
    public var kernelByteLimit = 128 * 1_024
    /// Time without progress after which a client with waiting messages is closed.
    public var stuckAfter = Duration.seconds(10)

    /// Time within which a started request line must be completed.
    public var requestPatience = Duration.seconds(10)
    /// Time without a request after which a control connection is closed, unless it holds the microphone closed.
    public var idlePatience = Duration.seconds(300)
    /// True if clients of the events socket may set holds on the microphone and release their own.
    public var clientsMayMute = false
    /// Average requests a second of one connection; beyond it the connection is read more slowly.
    public var requestRate = 100

    /// The user's folder for sockets (`XDG_RUNTIME_DIR`), in which one for ours is created if it is missing.
    public var runtimeFolder = getenv("XDG_RUNTIME_DIR").map { String(cString: $0) }

    /// The socket at `path` with the control socket next to it.
    public init(path: String) {
        events = .path(path)
        control = .path(Self.controlPath(beside: path))
    }

    /// Sockets from the given sources.
    public init(events: Endpoint, control: Endpoint?) {
        self.events = events
        self.control = control
    }

    /// Path of the control socket that belongs to the events socket at `path`: `control.sock` for `undertone.sock`, and
    /// `NAME-control.sock` for `NAME.sock`, so that several daemons can share a folder.
    public static func controlPath(beside path: String) -> String {
        let start = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
        let name = path[start...]
        if name == "undertone.sock" { return path[..<start] + "control.sock" }
        return path[..<start] + (name.hasSuffix(".sock") ? name.dropLast(5) : name) + "-control.sock"
    }
}
