// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Glibc
import SampleRing
import Synchronization

/// Notices signals such as Ctrl-C, and a plain `kill`, instead of dying of them.
final class SignalWatch {
    private let arrivals: Arrivals
    private let sources: [any DispatchSourceSignal]

    private final class Arrivals: Sendable {
        let numbers = Mutex<Set<Int32>>([])
        let wake: WakeSignal?

        init(_ wake: WakeSignal?) { self.wake = wake }

        func note(_ number: Int32) {
            numbers.withLock { _ = $0.insert(number) }
            wake?.signal()
        }
    }

    /// Watches `numbers` from here on; rings `wake` for each.
    init(_ numbers: [Int32], wake: WakeSignal? = nil) {
        let arrivals = Arrivals(wake)
        self.arrivals = arrivals
        sources = numbers.map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { arrivals.note(number) }
            source.resume()
            return source
        }
    }

    /// Whether the signal has come.
    func hasArrived(_ number: Int32) -> Bool { arrivals.numbers.withLock { $0.contains(number) } }

    /// Whether the signal has come since the last call.
    func take(_ number: Int32) -> Bool { arrivals.numbers.withLock { $0.remove(number) != nil } }
}
