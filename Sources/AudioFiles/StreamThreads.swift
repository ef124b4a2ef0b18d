// SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization

/// The pipes from the thread that feeds to the thread that decodes, one for each recording.
final class PipeQueue: Sendable {
    private let waiting = Mutex<(pipes: [CInt], isOver: Bool)>(([], false))

    /// Opens the next pipe and returns its writing end; nil if the system has none. Feeding thread.
    func begin() -> CInt? {
        guard let ends = socketPair() else { return nil }
        waiting.withLock { $0.pipes.append(ends.0) }
        return ends.1
    }

    /// No pipe follows. Feeding thread.
    func end() { waiting.withLock { $0.isOver = true } }

    /// The reading end of the next pipe, which is the caller's; nil if none follows. Decoding thread.
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

/// What a thread does, in the shape that `pthread_create` takes.
final class ThreadBody {
    let run: @Sendable () -> Void

    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

/// The function of such a thread.
func runThreadBody(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().run()
    return nil
}

/// Two ends of a stream inside of this process. Sockets, since a write to a closed pipe would be a signal.
func socketPair() -> (CInt, CInt)? {
    var ends: [CInt] = [0, 0]
    let kind = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
    return socketpair(AF_UNIX, kind, 0, &ends) == 0 ? (ends[0], ends[1]) : nil
}

/// Sends all bytes and waits for room; false when the other end is closed.
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
