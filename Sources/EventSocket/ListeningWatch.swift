// SPDX-License-Identifier: Apache-2.0
import Glibc
import Logging

/// Detects that the file of a listening socket was removed or replaced, and listens again.
///
/// A daemon that no client can reach must not keep running: its owner could not close the microphone.
struct ListeningWatch {
    /// Time between two checks.
    static let interval = Duration.milliseconds(500)
    /// Attempts before the daemon ends.
    private static let mostAttempts = 4

    let logger: Logger
    private var attempts = 0
    private var hasReported = false

    init(_ logger: Logger) { self.logger = logger }

    /// Returns the replacement for `socket`; nil while none is needed.
    ///
    /// - Throws: immediately if another instance has taken the path, else after several failed attempts.
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

    /// Reports a removed socket of the service manager: only the manager can create its file again.
    private mutating func reportOnce(_ path: String) {
        if hasReported { return }
        hasReported = true
        logger.error(
            "the socket \(path) of the service manager was removed or replaced; restart its socket unit"
        )
    }
}
