// SPDX-License-Identifier: Apache-2.0
import CProcess
import Glibc

/// The capture thread's priority: asked for once, and lost if a driver ever makes the thread spin.
///
/// - Thread: the one whose priority it is.
package struct RealTimePriority {
    /// A tenth of the range: above everything ordinary, below the sound server that feeds us.
    private static let priority: CInt = 10
    private var isHeld = false

    /// Ordinary until asked.
    package init() {}

    /// Asks for it; why it was refused, nil if it was not.
    package mutating func ask() -> String? {
        let code = process_begin_real_time(Self.priority)
        isHeld = code == 0
        return isHeld ? nil : String(cString: strerror(code))
    }

    /// Tells once that it was lost.
    package mutating func takeLoss() -> String? {
        guard isHeld, process_lost_real_time() != 0 else { return nil }
        isHeld = false
        return "the thread ran for 200 ms without waiting and lost it"
    }
}
