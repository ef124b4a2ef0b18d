// SPDX-License-Identifier: Apache-2.0
import SampleRing
import TestSupport
import Testing

@Suite struct RingAllocationTests {
    @Test(.enabled(if: canCountAllocations))
    func nothingIsAllocatedAfterCreation() throws {
        let wake = try WakeSignal()
        let clock = CaptureClock()
        let ends = makeRing(of: Float.self, minimumCapacity: 4_096)
        var producer = ends.producer
        var consumer = ends.consumer
        let samples = [Float](repeating: 0.5, count: 320)
        var room = samples
        var popped = 0
        func step() {
            clock.mark(pushedSamples: Int64(producer.push(samples.span)))
            wake.signal()
            _ = wake.wait(timeoutMilliseconds: 0)
            var span = room.mutableSpan
            popped += consumer.pop(into: &span) + consumer.takeLoss()
        }
        // The first use of a generic type lets the runtime build its metadata, once in a process.
        step()
        let count = allocations { for _ in 1..<1_000 { step() } }
        #expect(popped == 320_000)
        #expect(count == 0)
        #expect(allocations { _ = [Float](repeating: 1, count: samplesThatNeedMemory) } > 0)
    }

    /// Read at run time, so that the positive control is not optimised away.
    private var samplesThatNeedMemory: Int { CommandLine.arguments.count * 1_000 }
}
