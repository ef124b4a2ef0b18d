// SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization

/// Output for log lines that never waits for its reader.
///
/// A stalled journal or pipe reader must not stop a daemon: a line that cannot be written at once is dropped and
/// counted, and a notice with the count precedes the next line that is written. Any thread.
package final class LogOutput: Sendable {
    package static let standardError = LogOutput(descriptor: STDERR_FILENO)

    /// Bytes that a ready pipe takes without waiting; longer lines are cut.
    private static let longestLine = Int(PIPE_BUF)
    private let descriptor: CInt
    private let unwritten = Mutex(0)

    package init(descriptor: CInt) { self.descriptor = descriptor }

    /// Writes a line, or counts it.
    ///
    /// - Parameter notice: makes the line that reports how many lines were dropped.
    package func write(_ line: String, notice: (Int) -> String) {
        unwritten.withLock { count in
            if count > 0, writeAtOnce(notice(count)) { count = 0 }
            if count > 0 || !writeAtOnce(line) { count += 1 }
        }
    }

    private func writeAtOnce(_ line: String) -> Bool {
        var poller = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        guard poll(&poller, 1, 0) == 1, poller.revents & Int16(POLLOUT) != 0 else { return false }
        var bytes = Array(line.utf8)
        if bytes.count > Self.longestLine {
            bytes = bytes.prefix(Self.longestLine - 1) + [UInt8(ascii: "\n")]
        }
        return Glibc.write(descriptor, bytes, bytes.count) == bytes.count
    }
}
