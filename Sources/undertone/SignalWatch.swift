// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Glibc
import SampleRing
import Synchronization

/// Records signals such as Ctrl-C or a plain `kill`, so that they do not end the process.
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

    /// Watches `numbers` from now on; signals `wake` for each.
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

    /// True if the signal has arrived.
    func hasArrived(_ number: Int32) -> Bool { arrivals.numbers.withLock { $0.contains(number) } }

    /// True if the signal has arrived since the last call.
    func take(_ number: Int32) -> Bool { arrivals.numbers.withLock { $0.remove(number) != nil } }
}
