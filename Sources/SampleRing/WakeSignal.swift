// SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization

/// Wakes one sleeping thread or event loop without blocking the signalling thread.
///
/// A pipe with at most one byte in it. Several signals before the sleeper wakes are merged into one: the sleeper
/// must process all pending work (empty the ring, not pop once).
public final class WakeSignal: Sendable {
    /// Readable while a signal is pending: for an event loop, which calls ``acknowledge()``.
    public let readDescriptor: CInt
    private let writeDescriptor: CInt
    private let isPending = Atomic(false)

    /// Opens the pipe.
    ///
    /// - Throws: if the process or the system has no free file descriptor.
    public init() throws(WakeSignalError) {
        var ends: [CInt] = [-1, -1]
        if pipe(&ends) != 0 { throw WakeSignalError(code: errno) }
        // Not `pipe2`: Swift's Glibc module does not import GNU extensions.
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        readDescriptor = ends[0]
        writeDescriptor = ends[1]
    }

    deinit {
        close(readDescriptor)
        close(writeDescriptor)
    }

    /// Wakes the sleeper. Any thread; never waits or allocates; costs one atomic exchange when already pending.
    public func signal() {
        if isPending.exchange(true, ordering: .acquiringAndReleasing) { return }
        var byte: UInt8 = 1
        // The pipe is empty, so it has room.
        _ = write(writeDescriptor, &byte, 1)
    }

    /// Sleeps until a signal comes, at most `timeoutMilliseconds` (negative: no limit).
    ///
    /// One thread at a time. Clears the signal.
    ///
    /// - Returns: true if there was a signal.
    public func wait(timeoutMilliseconds: Int) -> Bool {
        var descriptor = pollfd(fd: readDescriptor, events: Int16(POLLIN), revents: 0)
        let limit = CInt(clamping: timeoutMilliseconds)
        guard poll(&descriptor, 1, limit) > 0 else { return false }
        acknowledge()
        return true
    }

    /// Clears a pending signal, so that ``readDescriptor`` is not readable until the next one.
    ///
    /// Removes the byte first and clears the flag second. In the opposite order, a signal between the two steps would
    /// leave the flag set and the pipe empty, and the sleeper would never wake again.
    public func acknowledge() {
        var byte: UInt8 = 0
        guard read(readDescriptor, &byte, 1) == 1 else { return }
        acknowledgeTakenByte()
    }

    /// Clears a pending signal whose byte an event loop has already read from ``readDescriptor`` by itself.
    public func acknowledgeTakenByte() {
        // An exchange, not a store: it joins the chain of exchanges of the signallers, so everything
        // that a signaller did before a merged signal is visible after it.
        _ = isPending.exchange(false, ordering: .acquiringAndReleasing)
    }
}

/// Failure to open a pipe.
public struct WakeSignalError: Error, CustomStringConvertible {
    /// The `errno` of `pipe`.
    public let code: CInt

    /// Error message, one sentence.
    public var description: String {
        "cannot open a pipe to wake a thread: \(String(cString: strerror(code))); raise the limit of open files"
    }
}
