// SPDX-License-Identifier: Apache-2.0
import EmotionEvents
import EmotionStream
import Testing

@Suite struct StableLabelTests {
    @Test func aLabelIsStableAfterAWhileAndThroughAShortChange() {
        var tracker = StableLabelTracker(.init(), sampleRate: 16_000)
        let quarter: Int64 = 4000
        #expect(tracker.step(label: 1, sample: 0) == nil)
        #expect(tracker.step(label: 1, sample: quarter) == nil)
        #expect(tracker.step(label: 1, sample: 2 * quarter)?.forMilliseconds == 500)
        #expect(tracker.step(label: 2, sample: 3 * quarter)?.label == 1, "a short change does not change it")
        #expect(tracker.step(label: 2, sample: 4 * quarter)?.label == 1)
        #expect(tracker.step(label: 2, sample: 5 * quarter)?.label == 2)
    }

    @Test func resetForgetsIt() {
        var tracker = StableLabelTracker(.init(), sampleRate: 16_000)
        _ = tracker.step(label: 1, sample: 0)
        #expect(tracker.step(label: 1, sample: 16_000)?.label == 1)
        tracker.reset()
        #expect(tracker.step(label: 1, sample: 20_000) == nil)
    }
}
