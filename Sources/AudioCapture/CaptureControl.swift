// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// What the owner of a capture thread asks of it.
final class CaptureControl: Sendable {
    let isStopping = Atomic(false)
    let isMuted = Atomic(false)
    /// False while nobody listens.
    let isWanted = Atomic(true)
    /// Whether capture waits for another source when the present one has come to its end.
    let outlivesSource: Bool
    private let hasReplacement = Atomic(false)
    private let sources: Mutex<Sources>

    private struct Sources {
        // SAFETY: only the capture thread uses the one, except `interrupt`, which its contract allows everywhere;
        // the other waits for it, and nobody else uses that.
        nonisolated(unsafe) var present: any CaptureSource
        nonisolated(unsafe) var next: (any CaptureSource)?
    }

    init(_ source: sending any CaptureSource, outlivesSource: Bool) {
        self.outlivesSource = outlivesSource
        nonisolated(unsafe) let source = source
        sources = Mutex(Sources(present: source))
    }

    /// The source that the capture thread begins with.
    var first: any CaptureSource { sources.withLock { $0.present } }

    /// Puts another source in the place of the present one, which gives up what it waits for.
    func replace(with source: sending any CaptureSource) {
        nonisolated(unsafe) let source = source
        sources.withLock {
            $0.next = source
            $0.present.interrupt()
        }
        hasReplacement.store(true, ordering: .releasing)
    }

    /// The source to go on with, once. Capture thread.
    func takeReplacement() -> (any CaptureSource)? {
        guard hasReplacement.exchange(false, ordering: .acquiringAndReleasing) else { return nil }
        return sources.withLock { sources in
            guard let next = sources.next else { return nil }
            sources.present = next
            sources.next = nil
            return next
        }
    }

    /// Makes the present source give up what it waits for, because capture stops.
    func stop() {
        isStopping.store(true, ordering: .releasing)
        sources.withLock { $0.present.interrupt() }
    }

    /// Whether the owner wants something else than the source that is open.
    var wantsChange: Bool {
        isStopping.load(ordering: .acquiring) || isQuiet || hasReplacement.load(ordering: .acquiring)
    }

    var isQuiet: Bool { isMuted.load(ordering: .acquiring) || !isWanted.load(ordering: .acquiring) }
}
