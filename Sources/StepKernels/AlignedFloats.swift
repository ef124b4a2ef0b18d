// SPDX-License-Identifier: Apache-2.0

/// Immutable floats that start on a cache line, so that no vector load straddles two lines.
///
/// `@unchecked Sendable` because the memory is written only inside `init`.
final class AlignedFloats: @unchecked Sendable {
    let base: UnsafePointer<Float>
    private let allocation: UnsafeMutableRawPointer

    init(count: Int, fill: (UnsafeMutablePointer<Float>) -> Void) {
        // SAFETY: freed in deinit; zeroed first so that padding never adds NaN to a sum.
        allocation = .allocate(byteCount: max(1, count) * MemoryLayout<Float>.stride, alignment: 64)
        let floats = allocation.bindMemory(to: Float.self, capacity: max(1, count))
        floats.initialize(repeating: 0, count: max(1, count))
        fill(floats)
        base = UnsafePointer(floats)
    }

    deinit { allocation.deallocate() }
}
