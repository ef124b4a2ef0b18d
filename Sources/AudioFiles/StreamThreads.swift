// SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization

/// The pipes from the feeding thread to the decoding thread, one for each recording.
final class PipeQueue: Sendable {
    private let waiting = Mutex<(pipes: [CInt], isOver: Bool)>(([], false))

    /// Opens the next pipe and returns its writing end; nil if the system has none. Feeding thread.
    func begin() -> CInt? {
        guard let ends = socketPair() else { return nil }
        waiting.withLock { $0.pipes.append(ends.0) }
        return ends.1
    }

    /// Marks the end: no pipe follows. Feeding thread.
    func end() { waiting.withLock { $0.isOver = true } }

    /// Reading end of the next pipe, which the caller owns; nil if none follows. Decoding thread.
    func next() -> CInt? {
        while true {
            let (pipe, isOver) = waiting.withLock { state -> (CInt?, Bool) in
                state.pipes.isEmpty ? (nil, state.isOver) : (state.pipes.removeFirst(), false)
            }
            if let pipe { return pipe }
            if isOver { return nil }
            usleep(2_000)
        }
    }
}

/// Body of a thread, in the form that `pthread_create` accepts.
final class ThreadBody {
    let run: @Sendable () -> Void

    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

/// Start routine for such a thread.
func runThreadBody(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().run()
    return nil
}

/// Both ends of a stream inside this process. Sockets, since writing to a closed pipe would raise a signal.
func socketPair() -> (CInt, CInt)? {
    var ends: [CInt] = [0, 0]
    let kind = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
    return socketpair(AF_UNIX, kind, 0, &ends) == 0 ? (ends[0], ends[1]) : nil
}

/// Sends all bytes, waiting for room; false if the other end is closed.
func sendAll(_ bytes: UnsafeRawBufferPointer, to descriptor: CInt) -> Bool {
    var rest = bytes
    while !rest.isEmpty {
        let count = send(descriptor, rest.baseAddress, rest.count, CInt(MSG_NOSIGNAL))
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return false }
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
    return true
}
