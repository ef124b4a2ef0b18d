// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Both ends of a new ring, to be moved to their threads.
///
///     let ends = makeRing(of: Float.self, minimumCapacity: 32_000)
///     let capture = CaptureThread(source: source, samples: ends.producer, samplesArrived: arrived)
///     let loop = InferenceLoop(pipeline: pipeline, samples: ends.consumer, ...)
///
/// Frozen, since the compiler lets other modules move a noncopyable value out of a struct only if the struct is
/// frozen.
@frozen
public struct RingEnds<Element: BitwiseCopyable & Sendable>: ~Copyable, Sendable {
    /// The end that pushes elements.
    public var producer: RingProducer<Element>
    /// The end that pops elements.
    public var consumer: RingConsumer<Element>

    init(_ storage: RingStorage<Element>) {
        producer = RingProducer(storage)
        consumer = RingConsumer(storage)
    }
}

/// Makes a bounded queue between two threads and returns its two ends.
///
/// - Parameter minimumCapacity: elements, 1 to 2^30; rounded up to a power of two. Memory is allocated only
///   here.
public func makeRing<Element: BitwiseCopyable & Sendable>(
    of element: Element.Type = Element.self,
    minimumCapacity: Int
) -> RingEnds<Element> {
    RingEnds(RingStorage(minimumCapacity: minimumCapacity))
}

/// Counters of a ring's elements, for status lines. Any thread.
///
/// Each number is exact when read and may grow immediately after. The numbers stay readable after both ends are
/// destroyed.
public struct RingCounters: Sendable {
    private let positions: RingPositions

    init(_ positions: RingPositions) { self.positions = positions }

    /// Elements accepted since the ring was created.
    public var pushedCount: Int { positions.written.value.load(ordering: .acquiring) }

    /// Elements popped since the ring was created.
    public var poppedCount: Int { positions.read.value.load(ordering: .acquiring) }

    /// Elements refused because the ring was full, or reported as lost by the device.
    public var lostCount: Int { positions.lost.value.load(ordering: .acquiring) }

    /// Elements in the ring now.
    public var waitingCount: Int {
        // Popped first: an element is pushed before it is popped, so the difference is never negative.
        let popped = poppedCount
        return pushedCount - popped
    }
}
