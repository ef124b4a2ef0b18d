// SPDX-License-Identifier: Apache-2.0
import SpeechFeatures
import TestSupport
import Testing

@Suite struct StreamingTests {
    /// All frames of a stream, split into pieces by `cut`.
    private func stream(_ samples: [Float], _ cut: Cut, _ features: inout OnlineFeatures) -> [Float] {
        var rows: [Float] = []
        for range in cut.ranges(of: samples.count) {
            features.step(samples.span.extracting(range)) { frame in
                for i in frame.indices { rows.append(frame[i]) }
            }
        }
        return rows
    }

    @Test(arguments: Cut.all(hop: 160))
    func everyCutGivesTheSameFramesAsTheWholeSignal(cut: Cut) throws {
        let samples = digitalSilence(seconds: 0.2) + (try Golden.samples("happy"))
        let whole = try OnlineFeatures.forward(samples)
        #expect(
            whole.count == OnlineFeatures.frameCount(of: samples.count) * FeatureSet.standard.featureCount
        )
        var features = try OnlineFeatures()
        #expect(stream(samples, cut, &features) == whole)
    }

    @Test func resetBeginsANewStream() throws {
        let (first, second) = (try Golden.samples("angry"), try Golden.samples("sad"))
        var features = try OnlineFeatures()
        _ = stream(Array(first.dropLast(77)), .every(160), &features)
        features.reset()
        #expect(stream(second, .every(160), &features) == (try OnlineFeatures.forward(second)))
    }

    @Test func copiesAreIndependent() throws {
        let samples = try Golden.samples("sad")
        var original = try OnlineFeatures()
        let start = stream(Array(samples[..<9_000]), .every(160), &original)
        var copy = original
        let rest = stream(Array(samples[9_000...]), .every(97), &original)
        #expect(stream(Array(samples[9_000...]), .every(160), &copy) == rest)
        #expect(start + rest == (try OnlineFeatures.forward(samples)))
    }

    @Test(arguments: [(0, 0), (399, 0), (400, 1), (559, 1), (560, 2), (16_000, 98)])
    func framesAreCountedAsKaldiCountsThem(samples: Int, frames: Int) throws {
        #expect(OnlineFeatures.frameCount(of: samples) == frames)
        let rows = try OnlineFeatures.forward(noise(seconds: Double(samples) / 16_000, decibels: -30))
        #expect(rows.count == frames * 86)
    }

    /// Without optimisation Swift's accessors are coroutines with frames on the heap.
    #if DEBUG
        private static let isOptimised = false
    #else
        private static let isOptimised = true
    #endif

    @Test(.enabled(if: canCountAllocations && isOptimised)) func stepNeverAllocates() throws {
        let samples = try Golden.samples("angry")
        var features = try OnlineFeatures()
        var frames = 0
        let count = allocations {
            for start in stride(from: 0, to: samples.count - 160, by: 160) {
                features.step(samples.span.extracting(start..<start + 160)) { _ in frames += 1 }
            }
        }
        #expect(frames > 190)
        #expect(count == 0)
    }
}
