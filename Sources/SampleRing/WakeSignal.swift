// SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization

/// A way to wake one sleeping thread, or one event loop, without ever holding up the thread that wakes it.
///
/// A pipe with at most one byte in it. Many signals before the sleeper looks are one wake: the sleeper then has
/// to look at everything that it is woken for (empty the ring, not pop once).
public final class WakeSignal: Sendable {
    /// Readable while a signal is pending: for an event loop, which answers with ``acknowledge()``.
    public let readDescriptor: CInt
    private let writeDescriptor: CInt
    private let isPending = Atomic(false)

    /// Opens the pipe.
    ///
    /// - Throws: when the process or the system has no file descriptor left.
    public init() throws(WakeSignalError) {
        var ends: [CInt] = [-1, -1]
        if pipe(&ends) != 0 { throw WakeSignalError(code: errno) }
        // Not `pipe2`: Swift's Glibc does not show GNU extensions.
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
        // The pipe is empty, so this cannot fail for want of room.
        _ = write(writeDescriptor, &byte, 1)
    }

    /// Sleeps until a signal comes, at most `timeoutMilliseconds` (a negative number: for ever).
    ///
    /// One thread at a time. Takes the signal with it.
    ///
    /// - Returns: true when there was a signal.
    public func wait(timeoutMilliseconds: Int) -> Bool {
        var descriptor = pollfd(fd: readDescriptor, events: Int16(POLLIN), revents: 0)
        let limit = CInt(clamping: timeoutMilliseconds)
        guard poll(&descriptor, 1, limit) > 0 else { return false }
        acknowledge()
        return true
    }

    /// Takes a pending signal, so that ``readDescriptor`` is quiet until the next one.
    ///
    /// The byte goes first and the flag second. The other way round, a signal between the two steps would leave
    /// the flag up and the pipe empty, and nobody would ever be woken again.
    public func acknowledge() {
        var byte: UInt8 = 0
        guard read(readDescriptor, &byte, 1) == 1 else { return }
        acknowledgeTakenByte()
    }

    /// Takes a pending signal whose byte an event loop has already read from ``readDescriptor`` by itself.
    public func acknowledgeTakenByte() {
        // An exchange, not a store: it joins the chain of exchanges of the signallers, so all that a signaller
        // did before a signal that was merged into this one is visible from here on.
        _ = isPending.exchange(false, ordering: .acquiringAndReleasing)
    }
}

/// No pipe could be opened.
public struct WakeSignalError: Error, CustomStringConvertible {
    /// The `errno` of `pipe`.
    public let code: CInt

    /// One sentence for people.
    public var description: String {
        "cannot open a pipe to wake a thread: \(String(cString: strerror(code))); raise the limit of open files"
    }
}
