// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// The end of a ring that takes elements out, in the order in which they were put in.
///
/// There is exactly one, and it cannot be copied: a second reader does not compile. It may move to another
/// thread. No method waits, locks or allocates.
public struct RingConsumer<Element: BitwiseCopyable & Sendable>: ~Copyable, Sendable {
    private let storage: RingStorage<Element>
    /// What `written` was when last looked at: stale, but only ever too small, so what it shows is there.
    private var knownWritten = 0
    private var reportedLoss = 0

    init(_ storage: RingStorage<Element>) { self.storage = storage }

    /// The producer learns from this that nobody listens any more.
    deinit { storage.positions.consumerIsGone.store(true, ordering: .releasing) }

    /// The most elements that the ring can hold: a power of two.
    public var capacity: Int { storage.capacity }

    /// A view of the counters, for any thread.
    public var counters: RingCounters { RingCounters(storage.positions) }

    /// This many elements can be popped. The producer can only make it larger meanwhile.
    public var availableCount: Int {
        storage.positions.written.value.load(ordering: .acquiring)
            - storage.positions.read.value.load(ordering: .relaxed)
    }

    /// True once the producer is gone; elements may still be left to pop.
    public var isAbandoned: Bool { storage.positions.producerIsGone.load(ordering: .acquiring) }

    /// True once the producer is gone and all that it pushed was popped: the end of the stream.
    public var isFinished: Bool {
        // The order matters: what was pushed before the producer went is visible after its going is.
        isAbandoned && availableCount == 0
    }

    /// Moves the oldest elements to the beginning of `destination`, as many as there are and as fit.
    ///
    /// - Returns: how many were moved; the rest of `destination` is left as it was.
    @specialized(where Element == Float)
    public mutating func pop(into destination: inout MutableSpan<Element>) -> Int {
        let read = storage.positions.read.value.load(ordering: .relaxed)
        let count = min(destination.count, available(after: read, wanted: destination.count))
        if count == 0 { return 0 }
        destination.withUnsafeMutableBufferPointer { storage.load(.init(rebasing: $0[..<count]), at: read) }
        storage.positions.read.value.store(read + count, ordering: .releasing)
        return count
    }

    /// Throws away the oldest elements, at most `limit`; they count as popped.
    ///
    /// - Returns: how many were thrown away.
    @specialized(where Element == Float)
    public mutating func skip(_ limit: Int) -> Int {
        let read = storage.positions.read.value.load(ordering: .relaxed)
        let count = min(limit, available(after: read, wanted: limit))
        if count > 0 { storage.positions.read.value.store(read + count, ordering: .releasing) }
        return max(0, count)
    }

    /// Elements lost since the last call, which may be zero.
    ///
    /// They are missing somewhere between the last element popped and the newest one pushed: a ring that
    /// overran was full, so the hole lies at most `capacity` elements ahead.
    @specialized(where Element == Float)
    public mutating func takeLoss() -> Int {
        let lost = storage.positions.lost.value.load(ordering: .acquiring)
        defer { reportedLoss = lost }
        return lost - reportedLoss
    }

    /// Elements after `read`, looking across to the producer's cache line only when the stale view is too small.
    private mutating func available(after read: Int, wanted: Int) -> Int {
        if knownWritten - read < wanted {
            knownWritten = storage.positions.written.value.load(ordering: .acquiring)
        }
        return knownWritten - read
    }
}

/// The consumer of a ring of samples.
public typealias SampleConsumer = RingConsumer<Float>
