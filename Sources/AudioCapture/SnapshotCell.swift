// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// A plain value that one thread writes and any thread reads whole, without a lock.
///
/// Neither side waits for the other: the writer fills the slot that is not current and then makes it current; a reader
/// reads again only if the writer has finished another value meanwhile. (A lock would let a reader hold up the capture
/// thread.)
package struct SnapshotCell<Value: BitwiseCopyable & Sendable>: ~Copyable, Sendable {
    /// Number of values written; the lowest bit tells which slot is current.
    private let version = Atomic(0)
    /// Two slots of 16 words.
    private let slots = InlineArray<32, Atomic<UInt64>> { _ in Atomic(0) }

    /// A cell that holds `value`, of at most 128 bytes.
    package init(_ value: Value) {
        precondition(MemoryLayout<Value>.size <= 128, "a snapshot has at most 128 bytes")
        store(value)
    }

    /// Replaces the value. One thread only.
    package func store(_ value: Value) {
        var words = InlineArray<16, UInt64>(repeating: 0)
        withUnsafeMutableBytes(of: &words) { $0.storeBytes(of: value, as: Value.self) }
        let next = version.load(ordering: .relaxed) + 1
        let slot = (next & 1) * words.count
        for index in words.indices {
            // Releasing, so that a reader of this word also sees the version before it, and reads again.
            slots[slot + index].store(words[index], ordering: .releasing)
        }
        version.store(next, ordering: .releasing)
    }

    /// Returns the newest value. Any thread.
    package func load() -> Value {
        var words = InlineArray<16, UInt64>(repeating: 0)
        var current: Int
        repeat {
            current = version.load(ordering: .acquiring)
            let slot = (current & 1) * words.count
            for index in words.indices { words[index] = slots[slot + index].load(ordering: .acquiring) }
        } while version.load(ordering: .relaxed) != current
        return withUnsafeBytes(of: &words) { $0.loadUnaligned(as: Value.self) }
    }
}
