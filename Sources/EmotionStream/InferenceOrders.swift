// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Orders to the running inference thread. Any thread; the inference thread executes them at its next turn.
public final class InferenceOrders: Sendable {
    private let wantsReset = Atomic(false)
    private let hasNext = Atomic(false)
    private let next = Mutex<Successor?>(nil)

    private struct Successor: ~Copyable, Sendable {
        var pipeline: EmotionPipeline
        let generation: UInt64
        var hasServed = false
    }

    /// No orders.
    public init() {}

    /// Ends the current utterance and clears the analysis state.
    public func reset() { wantsReset.store(true, ordering: .releasing) }

    /// Switches to another pipeline: another model, or other thresholds. Numbers and audio clock continue.
    ///
    /// - Parameter generation: a number for it, which its `reloaded` event will carry.
    public func replacePipeline(with pipeline: consuming sending EmotionPipeline, generation: UInt64) {
        var mine: Successor? = Successor(pipeline: pipeline, generation: generation)
        // Frees the pipeline in the box, unused or replaced, on this thread and not on the inference thread.
        next.withLock { theirs in
            let old = theirs.take()
            theirs = mine.take()
            mine = old
            // Within the lock, so that the announcement matches the contents.
            hasNext.store(true, ordering: .releasing)
        }
    }

    /// Frees the replaced pipeline, if any. Any thread but the inference thread, which never frees.
    public func releasePredecessor() {
        var old: Successor? = nil
        next.withLock { next in
            if next?.hasServed == true { old = next.take() }
        }
        _ = old.take()
    }

    /// Inference thread.
    func takeReset() -> Bool {
        wantsReset.load(ordering: .relaxed) && wantsReset.exchange(false, ordering: .acquiringAndReleasing)
    }

    /// True if another pipeline waits. Inference thread.
    var willExchange: Bool { hasNext.load(ordering: .relaxed) }

    /// Replaces `pipeline` with the next one and returns its number, nil if there is none. Inference thread.
    func exchange(_ pipeline: inout EmotionPipeline) -> UInt64? {
        next.withLock { next in
            guard hasNext.exchange(false, ordering: .acquiringAndReleasing) else { return nil }
            guard var successor = next.take() else { return nil }
            successor.pipeline.takeOver(from: pipeline)
            swap(&successor.pipeline, &pipeline)
            let generation = successor.generation
            successor.hasServed = true
            next = consume successor
            return generation
        }
    }
}
