// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Requests of the owner to its capture thread.
final class CaptureControl: Sendable {
    let isStopping = Atomic(false)
    let isMuted = Atomic(false)
    /// False while no client needs sound.
    let isWanted = Atomic(true)
    /// True if capture waits for another source after the end of the present one.
    let outlivesSource: Bool
    private let hasReplacement = Atomic(false)
    private let sources: Mutex<Sources>

    private struct Sources {
        // SAFETY: only the capture thread uses `present`, except for `interrupt`, which the contract allows
        // from any thread; `next` waits for the capture thread, and no other thread uses it.
        nonisolated(unsafe) var present: any CaptureSource
        nonisolated(unsafe) var next: (any CaptureSource)?
    }

    init(_ source: sending any CaptureSource, outlivesSource: Bool) {
        self.outlivesSource = outlivesSource
        nonisolated(unsafe) let source = source
        sources = Mutex(Sources(present: source))
    }

    /// First source of the capture thread.
    var first: any CaptureSource { sources.withLock { $0.present } }

    /// Replaces the present source and interrupts it.
    func replace(with source: sending any CaptureSource) {
        nonisolated(unsafe) let source = source
        sources.withLock {
            $0.next = source
            $0.present.interrupt()
        }
        hasReplacement.store(true, ordering: .releasing)
    }

    /// The next source; nil after it was taken once. Capture thread only.
    func takeReplacement() -> (any CaptureSource)? {
        guard hasReplacement.exchange(false, ordering: .acquiringAndReleasing) else { return nil }
        return sources.withLock { sources in
            guard let next = sources.next else { return nil }
            sources.present = next
            sources.next = nil
            return next
        }
    }

    /// Interrupts the present source, because capture stops.
    func stop() {
        isStopping.store(true, ordering: .releasing)
        sources.withLock { $0.present.interrupt() }
    }

    /// True if the owner wants a change: another source, mute, idle or stop.
    var wantsChange: Bool {
        isStopping.load(ordering: .acquiring) || isQuiet || hasReplacement.load(ordering: .acquiring)
    }

    var isQuiet: Bool { isMuted.load(ordering: .acquiring) || !isWanted.load(ordering: .acquiring) }
}
