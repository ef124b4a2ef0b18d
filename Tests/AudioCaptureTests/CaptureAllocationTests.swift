// SPDX-License-Identifier: Apache-2.0
import AudioCapture
import EmotionEvents
import SampleRing
import TestSupport
import Testing

@Suite struct CaptureAllocationTests {
    /// Without optimisation Swift's accessors are coroutines with frames on the heap.
    #if DEBUG
        private static let isOptimised = false
    #else
        private static let isOptimised = true
    #endif

    @Test(.enabled(if: canCountAllocations && isOptimised), arguments: [true, false])
    func theCaptureThreadAllocatesNothingBetweenTwoReads(isLive: Bool) throws {
        let source = CountingTone(try ToneCapture(frequencyHz: 440, duration: .seconds(1), isPaced: isLive))
        let tally = source.tally
        let wake = try WakeSignal()
        try withCapture(source, ringCapacity: 64_000, wake) { capture, consumer in
            while !consumer.isFinished {
                _ = consumer.skip(1_000)
                _ = wake.wait(timeoutMilliseconds: 10)
            }
            #expect(capture.report.captured > 15_000)
        }
        let (reads, allocations) = (tally.reads, tally.allocations)
        #expect(reads > 5)
        #expect(allocations == 0)
    }
}

/// A tone that counts the allocations of the capture thread from the third read on. (Before that the runtime
/// builds the metadata of generic types, once in a process.)
private final class CountingTone: CaptureSource {
    final class Tally: @unchecked Sendable {
        // SAFETY: written by the capture thread, read after it has ended.
        var reads = 0
        var allocations = 0
    }

    let tally = Tally()
    let name = "counting tone"
    var isLive: Bool { tone.isLive }
    private let tone: ToneCapture
    private var atFirst = 0

    init(_ tone: ToneCapture) { self.tone = tone }

    func open() throws(CaptureError) -> CaptureFormat { try tone.open() }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> CaptureRead {
        tally.reads += 1
        let soFar = allocationCount()
        if tally.reads == 3 { atFirst = soFar }
        if tally.reads > 3 { tally.allocations = soFar - atFirst }
        return tone.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<4_096]))
    }

    func close() {}
}
