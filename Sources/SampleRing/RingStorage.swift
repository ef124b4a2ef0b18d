// SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization

/// State shared by the two ends of a ring: two positions that only grow, and the loss count.
///
/// A position counts elements since the ring was created and is masked only on access.
/// So "full" and "empty" need no spare slot and no flag: the difference of the two positions is the fill.
/// At 16,000 elements a second an `Int` lasts eighteen million years.
///
/// Memory orders of the whole module: a position is *published* by its owner with `releasing`,
/// after the slots were written (or read), and *observed* by the other end with `acquiring`, before the slots
/// are read (or overwritten). The owner may read its own position `relaxed`, since no other thread changes it.
final class RingPositions: Sendable {
    /// Elements accepted. Changed by the producer only.
    let written = LoneAtomic()
    /// Elements popped. Changed by the consumer only.
    let read = LoneAtomic()
    /// Elements refused because the ring was full. Changed by the producer only.
    let lost = LoneAtomic()
    let producerIsGone = Atomic(false)
    let consumerIsGone = Atomic(false)
}

/// The slots of a ring and the positions of its two ends.
final class RingStorage<Element: BitwiseCopyable & Sendable>: Sendable {
    let capacity: Int
    let positions = RingPositions()
    private let mask: Int
    // SAFETY: the slots between `read` and `written` belong to the consumer, all others to the producer. The
    // two positions hand slots over with release and acquire, and each end exists once, by its type.
    nonisolated(unsafe) private let slots: UnsafeMutablePointer<Element>

    init(minimumCapacity: Int) {
        precondition(
            (1...1 << 30).contains(minimumCapacity),
            "ring capacity \(minimumCapacity) is not 1...2^30"
        )
        capacity = 1 << (Int.bitWidth - (minimumCapacity - 1).leadingZeroBitCount)
        mask = capacity - 1
        slots = .allocate(capacity: capacity)
        // Touches every page now, so that the capture thread causes no page faults.
        wipe()
    }

    deinit {
        wipe()
        slots.deallocate()
    }

    /// Overwrites all slots with zeros. The caller must own all slots. (`explicit_bzero`, since a compiler may omit
    /// writes to memory that is freed afterwards.)
    func wipe() { explicit_bzero(slots, capacity * MemoryLayout<Element>.stride) }

    /// Copies `source` to the slots from `position` on, in two pieces where the ring wraps.
    ///
    /// Producer only, and only into slots that `read` has released.
    func store(_ source: UnsafeBufferPointer<Element>, at position: Int) {
        guard let base = source.baseAddress else { return }
        let start = position & mask
        let untilWrap = min(source.count, capacity - start)
        (slots + start).update(from: base, count: untilWrap)
        slots.update(from: base + untilWrap, count: source.count - untilWrap)
    }

    /// Copies the slots from `position` on to `destination`. Consumer only, and only slots below `written`.
    func load(_ destination: UnsafeMutableBufferPointer<Element>, at position: Int) {
        guard let base = destination.baseAddress else { return }
        let start = position & mask
        let untilWrap = min(destination.count, capacity - start)
        base.update(from: slots + start, count: untilWrap)
        (base + untilWrap).update(from: slots, count: destination.count - untilWrap)
    }
}

/// An atomic count on a cache line of its own, so that the two ends do not slow each other down.
struct LoneAtomic: ~Copyable, Sendable {
    let value = Atomic<Int>(0)
    private let padding = InlineArray<120, UInt8>(repeating: 0)
}
