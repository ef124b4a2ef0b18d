// SPDX-License-Identifier: Apache-2.0
import Foundation
import Synchronization

/// Number of threads in this process that are still blocked after their time limit.
private let stuckThreads = Mutex(0)
private let mostStuckThreads = 8

/// Runs work that may block on a disk or a mount on a separate thread, and waits for it no longer than `limit`.
///
/// A thread that is blocked in the kernel cannot be stopped. It is abandoned and ends when the kernel returns; its
/// result is discarded. When too many threads are abandoned, no more are started.
///
/// - Parameter failure: thrown after `limit`.
/// - Throws: `failure`, or the error of `work`.
public func withTimeLimit<Value: Sendable>(
    _ limit: Duration,
    else failure: ProgramFailure,
    _ work: @escaping @Sendable () throws -> Value
) async throws -> Value {
    if stuckThreads.withLock({ $0 >= mostStuckThreads }) { throw failure }
    let desk = ResultDesk<Value>(failure)
    return try await withCheckedThrowingContinuation { continuation in
        desk.begin(continuation)
        Thread.detachNewThread { desk.take(Result { try work() }) }
        // A thread and not a task, so that it also runs when all threads for tasks are blocked.
        Thread.detachNewThread { desk.giveUp(after: limit) }
    }
}

/// Takes the result from the first of two threads.
private final class ResultDesk<Value: Sendable>: Sendable {
    private struct State {
        var continuation: CheckedContinuation<Value, any Error>?
        var isStuck = false
    }

    private let failure: ProgramFailure
    private let state = Mutex(State())
    private let done = DispatchSemaphore(value: 0)

    init(_ failure: ProgramFailure) { self.failure = failure }

    func begin(_ continuation: CheckedContinuation<Value, any Error>) {
        state.withLock { $0.continuation = continuation }
    }

    func take(_ result: Result<Value, any Error>) {
        let (continuation, wasStuck) = state.withLock { ($0.continuation.take(), $0.isStuck) }
        if wasStuck { stuckThreads.withLock { $0 -= 1 } }
        done.signal()
        continuation?.resume(with: result)
    }

    func giveUp(after limit: Duration) {
        if done.wait(timeout: .now() + limit / .seconds(1)) == .success { return }
        let continuation = state.withLock { state in
            state.isStuck = state.continuation != nil
            if state.isStuck { stuckThreads.withLock { $0 += 1 } }
            return state.continuation.take()
        }
        continuation?.resume(throwing: failure)
    }
}
