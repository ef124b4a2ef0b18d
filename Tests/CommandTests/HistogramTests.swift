import Testing
// SPDX-License-Identifier: Apache-2.0
import undertone

@Suite struct HistogramTests {
    @Test func everyValueIsInOneBin() throws {
        let histogram = try #require(LatencyHistogram(milliseconds: [3, 0.7, 1, 1.5, 900, 0.6]))
        #expect(histogram.bins.map(\.count) == [2, 2, 1, 0, 0, 0, 0, 0, 0, 0, 1])
        #expect(histogram.bins.first?.belowMilliseconds == 1 && histogram.maximum == 900)
        #expect(histogram.percentile(0.5) == 1.5 && histogram.percentile(1) == 900)
    }

    @Test func noValuesGiveNoHistogram() { #expect(LatencyHistogram(milliseconds: []) == nil) }
}
