// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Both ends of a ring, each on its way to its thread.
///
///     let ends = makeRing(of: Float.self, minimumCapacity: 32_000)
///     let capture = CaptureThread(source: source, samples: ends.producer, samplesArrived: arrived)
///     let loop = InferenceLoop(pipeline: pipeline, samples: ends.consumer, ...)
///
/// Frozen, since the compiler allows other modules to take a value that cannot be copied out of a struct only if the
/// struct is frozen.
@frozen
public struct RingEnds<Element: BitwiseCopyable & Sendable>: ~Copyable, Sendable {
    /// The end that puts elements in.
    public var producer: RingProducer<Element>
    /// The end that takes elements out.
    public var consumer: RingConsumer<Element>

    init(_ storage: RingStorage<Element>) {
        producer = RingProducer(storage)
        consumer = RingConsumer(storage)
    }
}

/// Makes a bounded queue between two threads and returns its two ends.
///
/// - Parameter minimumCapacity: elements, 1 to 2^30; rounded up to a power of two. Memory is taken here and
///   nowhere later.
public func makeRing<Element: BitwiseCopyable & Sendable>(
    of element: Element.Type = Element.self,
    minimumCapacity: Int
) -> RingEnds<Element> {
    RingEnds(RingStorage(minimumCapacity: minimumCapacity))
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
