// SPDX-License-Identifier: Apache-2.0
import EmotionStream
import Foundation
import Synchronization

/// Runs an inference loop on its own thread.
///
/// It is a thread and not a task, because the loop blocks in a system call most of the time; a blocked task
/// would occupy one of the few threads that all tasks share.
final class InferenceThread: Sendable {
    private let loop: Mutex<InferenceLoop?>
    private let finished = Atomic(false)
    private let end = DispatchSemaphore(value: 0)

    init(_ loop: consuming sending InferenceLoop) { self.loop = Mutex(loop) }

    /// True once the loop has ended.
    var isFinished: Bool { finished.load(ordering: .acquiring) }

    /// Starts the thread; later calls do nothing.
    func start() {
        let thread = Thread { [self] in
            guard var loop = loop.withLock({ $0.take() }) else { return }
            loop.run()
            finish()
        }
        thread.name = "inference"
        thread.start()
    }

    private func finish() {
        finished.store(true, ordering: .releasing)
        end.signal()
    }

    /// Waits until the loop has ended; returns at once if it was never started.
    func join() {
        if loop.withLock({ $0 != nil }) { return }
        end.wait()
        end.signal()
    }
}
