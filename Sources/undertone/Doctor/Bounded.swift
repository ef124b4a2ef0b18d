// SPDX-License-Identifier: Apache-2.0
import Foundation
import Synchronization

/// The result of `body`, or nil if it has not returned after `seconds`.
///
/// A call to a driver or server that hangs cannot be cancelled: its thread is abandoned and ends with the process.
/// That is why this is only for programs that check once and end.
package func bounded<Answer: Sendable>(seconds: Double, _ body: @escaping @Sendable () -> Answer) -> Answer? {
    let answer = Slot<Answer>()
    let thread = Thread {
        answer.put(body())
    }
    thread.name = "probe"
    thread.start()
    return answer.take(withinSeconds: seconds)
}

/// Passes a value from one thread to another.
private final class Slot<Value: Sendable>: Sendable {
    private let value = Mutex<Value?>(nil)
    private let filled = DispatchSemaphore(value: 0)

    func put(_ new: Value) {
        value.withLock { $0 = new }
        filled.signal()
    }

    func take(withinSeconds seconds: Double) -> Value? {
        _ = filled.wait(timeout: .now() + seconds)
        return value.withLock { $0 }
    }
}
