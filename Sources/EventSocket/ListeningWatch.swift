// SPDX-License-Identifier: Apache-2.0
import Glibc
import Logging

/// Notices that the file of a listening socket is gone, or is not ours any more, and listens again.
///
/// A daemon that no client can reach is not left running: its owner could not close the microphone.
struct ListeningWatch {
    /// Time between two looks.
    static let interval = Duration.milliseconds(500)
    /// How often it is tried before the daemon ends.
    private static let mostAttempts = 4

    let logger: Logger
    private var attempts = 0
    private var hasReported = false

    init(_ logger: Logger) { self.logger = logger }

    /// The socket to listen at in place of `socket`; nil while there is nothing to do.
    ///
    /// - Throws: why that is impossible: at once if another instance has taken the path, else after some attempts.
    mutating func replacement(of socket: ListeningSocket) throws(EventSocketError) -> ListeningSocket? {
        guard let path = socket.lostPath else {
            attempts = 0
            return nil
        }
        if socket.isInherited {
            reportOnce(path)
            return nil
        }
        do throws(EventSocketError) {
            let fresh = try socket.renewed()
            logger.warning("the socket \(path) was gone; listening again")
            attempts = 0
            return fresh
        } catch {
            attempts += 1
            if case .alreadyRunning = error { throw error }
            if attempts >= Self.mostAttempts { throw error }
            return nil
        }
    }

    /// The service manager holds this socket, and only the manager can make its file again.
    private mutating func reportOnce(_ path: String) {
        if hasReported { return }
        hasReported = true
        logger.error(
            "the socket \(path) of the service manager was removed or replaced; restart its socket unit"
        )
    }
}
