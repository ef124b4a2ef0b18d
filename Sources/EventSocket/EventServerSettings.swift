// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Where and how the daemon listens.
public struct EventServerSettings: Sendable {
    /// Where a listening socket comes from.
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
    /// Connections to the events socket that are accepted in all.
    public var maximumClients = 1_024
    /// Connections that are accepted from one user.
    public var maximumClientsPerUser = 64
    /// Subscriptions that one connection may hold.
    public var maximumSubscriptions = 8
    /// What may wait for one client, in bytes, beside what the kernel has taken.
    public var waitingByteLimit = 256 * 1_024
    /// What may wait for all clients together, in bytes; beyond it the one with the most is closed first.
    public var totalWaitingByteLimit = 64 * 1_024 * 1_024
    /// What the kernel may hold for one client that does not read, in bytes, its own bookkeeping included.
    public var kernelByteLimit = 128 * 1_024
    /// A client that takes nothing for so long while something waits is closed.
    public var stuckAfter = Duration.seconds(10)

    /// A request line that was begun must be ended within this time.
    public var requestPatience = Duration.seconds(10)
    /// A connection to the control socket that asks nothing for so long is closed, unless it holds the microphone closed.
    public var idlePatience = Duration.seconds(300)
    /// Whether clients of the events socket may set holds on the microphone, and release their own.
    public var clientsMayMute = false
    /// Requests a second of one connection, in the long run; beyond it the connection is read more slowly.
    public var requestRate = 100

    /// The user's folder for sockets (`XDG_RUNTIME_DIR`), in which one for ours is created if it is missing.
    public var runtimeFolder = getenv("XDG_RUNTIME_DIR").map { String(cString: $0) }

    /// The socket at `path` with the control socket beside it.
    public init(path: String) {
        events = .path(path)
        control = .path(Self.controlPath(beside: path))
    }

    /// Sockets from elsewhere.
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
