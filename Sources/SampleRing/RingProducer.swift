// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// The end of a ring that pushes elements.
///
/// There is exactly one, and it cannot be copied: a second writer does not compile. It may move to another
/// thread. No method waits, locks or allocates.
public struct RingProducer<Element: BitwiseCopyable & Sendable>: ~Copyable, Sendable {
    private let storage: RingStorage<Element>
    /// Last value read of `read`: possibly stale, but only too small, so this room exists.
    private var knownRead = 0
    /// Value of `written` when the slots were last overwritten; -1 before.
    private var wipedAt = -1

    init(_ storage: RingStorage<Element>) { self.storage = storage }

    /// Tells the consumer that no more elements will follow.
    deinit { storage.positions.producerIsGone.store(true, ordering: .releasing) }

    /// Capacity of the ring in elements: a power of two.
    public var capacity: Int { storage.capacity }

    /// A view of the counters, for any thread.
    public var counters: RingCounters { RingCounters(storage.positions) }

    /// Number of elements that fit. The consumer can only increase it concurrently.
    public var freeCount: Int {
        let read = storage.positions.read.value.load(ordering: .acquiring)
        return storage.capacity - (storage.positions.written.value.load(ordering: .relaxed) - read)
    }

    /// True once the consumer is gone, permanently.
    public var isAbandoned: Bool { storage.positions.consumerIsGone.load(ordering: .acquiring) }

    /// Pushes as many of `elements` as fit and counts the rest as lost: for sources that cannot wait.
    ///
    /// - Returns: number of elements accepted, always the first ones.
    @specialized(where Element == Float)
    public mutating func push(_ elements: Span<Element>) -> Int {
        let accepted = offer(elements)
        if accepted < elements.count { countLoss(of: elements.count - accepted) }
        return accepted
    }

    /// Pushes as many of `elements` as fit: for sources that can offer the rest again.
    ///
    /// - Returns: number of elements accepted, always the first ones.
    @specialized(where Element == Float)
    public mutating func offer(_ elements: Span<Element>) -> Int {
        let written = storage.positions.written.value.load(ordering: .relaxed)
        let count = min(elements.count, room(after: written, wanted: elements.count))
        if count == 0 { return 0 }
        elements.withUnsafeBufferPointer { storage.store(.init(rebasing: $0[..<count]), at: written) }
        storage.positions.written.value.store(written + count, ordering: .releasing)
        return count
    }

    /// Counts elements that were lost before they could be pushed, by the device for example.
    @specialized(where Element == Float)
    public func countLoss(of count: Int) {
        // One writer, so a load and a store are enough for an addition. Releasing, so that a reader that sees the
        // loss also sees all elements accepted before it.
        storage.positions.lost.value.store(
            storage.positions.lost.value.load(ordering: .relaxed) + count,
            ordering: .releasing
        )
    }

    /// Overwrites all slots with zeros if the ring is empty, so that no earlier element stays in memory.
    ///
    /// A method of the producer, since all slots of an empty ring belong to it.
    public mutating func wipeIfEmpty() {
        let written = storage.positions.written.value.load(ordering: .relaxed)
        if written == wipedAt || freeCount < storage.capacity { return }
        storage.wipe()
        wipedAt = written
    }

    /// Room after `written`; reads the consumer's cache line only if the stale value is too small.
    private mutating func room(after written: Int, wanted: Int) -> Int {
        if storage.capacity - (written - knownRead) < wanted {
            knownRead = storage.positions.read.value.load(ordering: .acquiring)
        }
        return storage.capacity - (written - knownRead)
    }
}

/// The producer of a ring of samples.
public typealias SampleProducer = RingProducer<Float>
