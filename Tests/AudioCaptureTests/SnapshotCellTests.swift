// SPDX-License-Identifier: Apache-2.0
import AudioCapture
import Foundation
import Testing

/// A writer and a reader at the same time. The run that matters is the one under ThreadSanitizer.
@Suite struct SnapshotCellTests {
    private struct Values: BitwiseCopyable, Sendable, Equatable {
        let first: Int64
        let flag: Bool
        let last: Int64

        init(_ number: Int64) {
            first = number
            flag = number % 2 == 1
            last = -number
        }
    }

    private final class Shared: Sendable {
        let cell = SnapshotCell(Values(0))
    }

    @Test func aReaderSeesWholeValuesInTheirOrder() {
        let shared = Shared()
        let count: Int64 = 200_000
        Thread.detachNewThread {
            for number in 1...count { shared.cell.store(Values(number)) }
        }
        var last: Int64 = 0
        var mistakes = 0
        while last < count {
            let values = shared.cell.load()
            if values != Values(values.first) || values.first < last { mistakes += 1 }
            last = values.first
        }
        #expect(mistakes == 0)
    }
}
