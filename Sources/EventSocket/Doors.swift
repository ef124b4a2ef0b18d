// SPDX-License-Identifier: Apache-2.0
import NIOCore
import Synchronization

/// The current listening sockets, each with its channel. Any thread.
final class Doors: Sendable {
    private struct Door {
        var socket: ListeningSocket
        var channel: (any Channel)?
    }

    private let doors: Mutex<[Door]>

    /// Sockets that no channel serves yet.
    init(_ sockets: [ListeningSocket]) { doors = Mutex(sockets.map { Door(socket: $0) }) }

    /// The serving channels, in the order of the sockets.
    var channels: [any Channel] { doors.withLock { $0.compactMap(\.channel) } }

    /// The socket at `index`.
    func socket(at index: Int) -> ListeningSocket { doors.withLock { $0[index].socket } }

    /// Stores a socket and its channel at `index`.
    func set(_ channel: any Channel, _ socket: ListeningSocket, at index: Int) {
        doors.withLock { $0[index] = Door(socket: socket, channel: channel) }
    }

    /// Removes the sockets' files and releases their paths.
    func release() { for door in doors.withLock({ $0 }) { door.socket.release() } }
}
