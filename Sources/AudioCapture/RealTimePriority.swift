// SPDX-License-Identifier: Apache-2.0
import CProcess
import Glibc

/// Real-time priority of the capture thread: requested once, and lost if a driver makes the thread spin.
///
/// - Thread: the thread with this priority.
package struct RealTimePriority {
    /// A tenth of the range: above ordinary threads, below the sound server.
    private static let priority: CInt = 10
    private var isHeld = false

    /// Creates an ordinary priority.
    package init() {}

    /// Requests real-time priority; returns the reason of a refusal, nil on success.
    package mutating func ask() -> String? {
        let code = process_begin_real_time(Self.priority)
        isHeld = code == 0
        return isHeld ? nil : String(cString: strerror(code))
    }

    /// Reports the loss of the priority, once.
    package mutating func takeLoss() -> String? {
        guard isHeld, process_lost_real_time() != 0 else { return nil }
        isHeld = false
        return "the thread ran for 200 ms without waiting and lost it"
    }
}
