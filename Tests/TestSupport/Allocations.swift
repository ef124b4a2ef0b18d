// SPDX-License-Identifier: Apache-2.0
import CAllocationCounter

/// True where heap allocations can be counted: glibc, and no sanitizer.
public var canCountAllocations: Bool { allocation_counter_works() }

/// Number of heap allocations that `body` makes on the calling thread.
public func allocations(in body: () throws -> Void) rethrows -> Int {
    let before = allocation_count()
    try body()
    return Int(allocation_count() - before)
}

/// Number of heap allocations of the calling thread since it started, for tests of threads that they do not
/// create.
public func allocationCount() -> Int { Int(allocation_count()) }
