// SPDX-License-Identifier: Apache-2.0
import EmotionEvents
import EventSocket
import Testing

@Suite struct SubscriptionFilterTests {
    private func filter(_ change: (inout SubscriptionOptions) -> Void) -> SubscriptionFilter {
        var options = SubscriptionOptions()
        change(&options)
        return SubscriptionFilter(options, modelLabels: ["neutral", "happy", "sad"])
    }

    /// The sequence numbers of those of `estimates` that pass.
    private func passed(_ filter: SubscriptionFilter, _ estimates: [Estimate]) -> [UInt64] {
        var filter = filter
        return estimates.filter { filter.passes(.estimate($0)) }.map(\.sequence)
    }

    private let hops = (0..<16).map { Estimate.sample(sequence: $0) }

    @Test func changeAlsoPassesEstimatesThatMovedByDelta() {
        let arousals: [Float] = [0, 0.1, 0.2, 0.1, -0.3, -0.1]
        let estimates = arousals.enumerated().map { Estimate.sample(sequence: $0, arousal: $1) }
        func change(_ delta: Double?) -> SubscriptionFilter {
            filter {
                $0.mode = .change
                $0.delta = delta
            }
        }
        #expect(passed(change(0.25), estimates) == [0, 4])
        #expect(passed(change(0.15), estimates) == [0, 2, 4, 5])
        #expect(passed(change(nil), estimates) == [0])
    }

    @Test func hopPassesEveryEstimate() {
        #expect(passed(filter { _ in }, hops).count == 16)
    }

    @Test func onlyTheSubscribedKindsPass() {
        let events: [(EventKind, EmotionEvent)] = [
            (.estimate, .estimate(.sample())), (.utterance, .utteranceStarted(utterance: 1, sample: 0)),
            (.utterance, .utteranceEnded(utterance: 1, sample: 0, final: .sample(isFinal: true))),
            (.vad, .voiceActivity(isSpeech: true, sample: 0, levelDecibels: -20)),
            (
                .vocal,
                .vocal(VocalSound(kind: .laughing, startSample: 0, endSample: 9, probability: 0.9))
            ),
            (.state, .state(CaptureChange(condition: .open, sample: 0))),
            (
                .overrun,
                .overrun(Overrun(sampleCount: 1, cause: .device, totalCount: 1, sample: 0))
            ),
        ]
        for wanted in EventKind.allCases {
            var filter = filter { $0.kinds = [wanted] }
            for (kind, event) in events {
                let passes = filter.passes(event)
                #expect(passes == (kind == wanted))
            }
        }
    }

    @Test(arguments: [(4.0, 16), (2.0, 8), (3.0, 8), (1.0, 4), (0.5, 2), (1_000.0, 16)])
    func theRateIsNeverExceeded(_ hertz: Double, _ count: Int) {
        // 16 estimates, 4 a second. A rate that the hop does not divide gives the next slower one.
        #expect(passed(filter { $0.maximumHz = hertz }, hops).count == count)
    }

    @Test func theFinalEstimateIsExemptFromModeAndRate() {
        let final = Estimate.sample(sequence: 9, isFinal: true)
        for mode in EstimateMode.allCases {
            var filter = filter {
                $0.mode = mode
                $0.maximumHz = 0.001
            }
            _ = filter.passes(.estimate(.sample(sequence: 8)))
            let passes = filter.passes(.estimate(final))
            #expect(passes)
        }
    }

    @Test func finalModePassesNothingElse() {
        #expect(passed(filter { $0.mode = .final }, hops).isEmpty)
    }

    @Test func confidenceBelowTheMinimumDoesNotPass() {
        let estimates = [
            Estimate.sample(sequence: 0, confidence: 0.69), .sample(sequence: 1, confidence: 0.71),
            .sample(sequence: 2, verdict: .none(.noSpeech), stable: nil),
        ]
        #expect(passed(filter { $0.minimumConfidence = 0.7 }, estimates) == [1])
        #expect(passed(filter { _ in }, estimates) == [0, 1, 2])
    }

    @Test func onlyTheWantedLabelsPass() {
        let estimates = [
            Estimate.sample(sequence: 0, verdict: .label(0)), .sample(sequence: 1, verdict: .label(2)),
            .sample(sequence: 2, verdict: .none(.tooShort), stable: nil),
        ]
        #expect(passed(filter { $0.labels = ["sad", "happy"] }, estimates) == [1])
        #expect(passed(filter { $0.labels = [] }, estimates).isEmpty)
    }

    @Test func changePassesWhenTheStableLabelChangesOrEnds() {
        let silence = Verdict.none(.noSpeech)
        let estimates = [
            Estimate.sample(sequence: 0, verdict: silence, stable: nil),
            .sample(sequence: 1, verdict: silence, stable: nil),
            .sample(sequence: 2, verdict: .label(1), stable: nil),  // too young
            .sample(sequence: 3, verdict: .label(1), stable: 1),
            .sample(sequence: 4, verdict: .label(1), stable: 1),
            .sample(sequence: 5, verdict: .label(2), stable: nil),  // a flicker
            .sample(sequence: 6, verdict: .label(1), stable: 1),
            .sample(sequence: 7, verdict: .label(2), stable: 2),
            .sample(sequence: 8, verdict: silence, stable: nil),
        ]
        #expect(passed(filter { $0.mode = .change }, estimates) == [0, 3, 7, 8])
    }

    @Test func aChangeSuppressedByTheRateIsSentLater() {
        let estimates = (0..<8).map {
            Estimate.sample(sequence: $0, verdict: .label(1), stable: $0 == 0 ? 1 : 2)
        }
        let filter = filter {
            $0.mode = .change
            $0.maximumHz = 1
        }
        #expect(passed(filter, estimates) == [0, 4])
    }
}
