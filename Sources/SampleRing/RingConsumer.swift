// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// The end of a ring that pops elements, in the order in which they were pushed.
///
/// There is exactly one, and it cannot be copied: a second reader does not compile. It may move to another
/// thread. No method waits, locks or allocates.
public struct RingConsumer<Element: BitwiseCopyable & Sendable>: ~Copyable, Sendable {
    private let storage: RingStorage<Element>
    /// Last value read of `written`: possibly stale, but only too small, so these elements exist.
    private var knownWritten = 0
    private var reportedLoss = 0

    init(_ storage: RingStorage<Element>) { self.storage = storage }

    /// Tells the producer that the consumer is gone.
    deinit { storage.positions.consumerIsGone.store(true, ordering: .releasing) }

    /// Capacity of the ring in elements: a power of two.
    public var capacity: Int { storage.capacity }

    /// A view of the counters, for any thread.
    public var counters: RingCounters { RingCounters(storage.positions) }

    /// Number of elements that can be popped. The producer can only increase it concurrently.
    public var availableCount: Int {
        storage.positions.written.value.load(ordering: .acquiring)
            - storage.positions.read.value.load(ordering: .relaxed)
    }

    /// True once the producer is gone; elements may still be left to pop.
    public var isAbandoned: Bool { storage.positions.producerIsGone.load(ordering: .acquiring) }

    /// True once the producer is gone and all its elements are popped: the end of the stream.
    public var isFinished: Bool {
        // The order matters: once the end of the producer is visible, so are all its elements.
        isAbandoned && availableCount == 0
    }

    /// Moves as many of the oldest elements to the beginning of `destination` as exist and fit.
    ///
    /// - Returns: number of elements moved; the rest of `destination` is unchanged.
    @specialized(where Element == Float)
    public mutating func pop(into destination: inout MutableSpan<Element>) -> Int {
        let read = storage.positions.read.value.load(ordering: .relaxed)
        let count = min(destination.count, available(after: read, wanted: destination.count))
        if count == 0 { return 0 }
        destination.withUnsafeMutableBufferPointer { storage.load(.init(rebasing: $0[..<count]), at: read) }
        storage.positions.read.value.store(read + count, ordering: .releasing)
        return count
    }

    /// Discards the oldest elements, at most `limit`; they count as popped.
    ///
    /// - Returns: number of elements discarded.
    @specialized(where Element == Float)
    public mutating func skip(_ limit: Int) -> Int {
        let read = storage.positions.read.value.load(ordering: .relaxed)
        let count = min(limit, available(after: read, wanted: limit))
        if count > 0 { storage.positions.read.value.store(read + count, ordering: .releasing) }
        return max(0, count)
    }

    /// Elements lost since the last call, which may be zero.
    ///
    /// They are missing between the last element popped and the newest one pushed: a ring that
    /// overran was full, so the gap is at most `capacity` elements ahead.
    @specialized(where Element == Float)
    public mutating func takeLoss() -> Int {
        let lost = storage.positions.lost.value.load(ordering: .acquiring)
        defer { reportedLoss = lost }
        return lost - reportedLoss
    }

    /// Elements after `read`; reads the producer's cache line only if the stale value is too small.
    private mutating func available(after read: Int, wanted: Int) -> Int {
        if knownWritten - read < wanted {
            knownWritten = storage.positions.written.value.load(ordering: .acquiring)
        }
        return knownWritten - read
    }
}

/// The consumer of a ring of samples.
public typealias SampleConsumer = RingConsumer<Float>
