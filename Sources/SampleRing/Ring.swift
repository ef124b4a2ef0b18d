// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Makes a bounded queue between two threads and hands its two ends to `body`, once.
///
///     makeRing(of: Float.self, minimumCapacity: 32_000) { producer, consumer in
///         (CaptureThread(source, producer), InferenceLoop(consumer))
///     }
///
/// (A closure, because Swift has no tuples of values that cannot be copied.)
///
/// - Parameter minimumCapacity: elements, 1 to 2^30; rounded up to a power of two. Memory is taken here and
///   nowhere later.
public func makeRing<Element: BitwiseCopyable & Sendable, Result: ~Copyable, Failure: Error>(
    of element: Element.Type = Element.self,
    minimumCapacity: Int,
    _ body: (consuming RingProducer<Element>, consuming RingConsumer<Element>) throws(Failure) -> Result
) throws(Failure) -> Result {
    let storage = RingStorage<Element>(minimumCapacity: minimumCapacity)
    return try body(RingProducer(storage), RingConsumer(storage))
}

/// How many elements went through a ring and how many did not: for status lines, from any thread.
///
/// Each number is true at the moment of its reading and may grow right after. The numbers stay readable after
/// both ends are gone.
public struct RingCounters: Sendable {
    private let positions: RingPositions

    init(_ positions: RingPositions) { self.positions = positions }

    /// Elements accepted since the ring was made.
    public var pushedCount: Int { positions.written.value.load(ordering: .acquiring) }

    /// Elements taken out since the ring was made.
    public var poppedCount: Int { positions.read.value.load(ordering: .acquiring) }

    /// Elements refused for want of room, or reported as lost by the device.
    public var lostCount: Int { positions.lost.value.load(ordering: .acquiring) }

    /// Elements that wait in the ring now.
    public var waitingCount: Int {
        // Popped first: an element is pushed before it is popped, so the difference is never negative.
        let popped = poppedCount
        return pushedCount - popped
    }
}
