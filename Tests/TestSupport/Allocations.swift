// SPDX-License-Identifier: Apache-2.0
import CAllocationCounter

/// True where heap allocations can be counted: glibc, and no sanitizer.
public var canCountAllocations: Bool { allocation_counter_works() }

/// Heap allocations that `body` makes on the calling thread.
public func allocations(in body: () throws -> Void) rethrows -> Int {
    let before = allocation_count()
    try body()
    return Int(allocation_count() - before)
}

/// Heap allocations that the calling thread has made since it started, for claims about a thread of somebody else's.
public func allocationCount() -> Int { Int(allocation_count()) }
