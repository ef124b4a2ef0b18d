// SPDX-License-Identifier: Apache-2.0
import EmotionEvents
import Foundation
import Testing

@Suite struct EventLineTests {
    static let labels = ["neutral", "happy", "sad"]
    let encoder = EventLine(labels: labels, device: "pulse:mic")

    private func object(_ event: EmotionEvent) throws -> [String: Any] {
        let line = encoder.line(event)
        #expect(line.hasSuffix("\n") && line.dropLast().allSatisfy { !$0.isNewline })
        return try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }

    static func estimate(_ verdict: Verdict, utterance: UInt64? = 3) -> Estimate {
        let probabilities: [Float] = [0.2, 0.7, 0.1]
        return Estimate(
            sequence: 48213,
            utterance: utterance,
            revision: 5,
            isFinal: false,
            startSample: 16_000,
            endSample: 24_000,
            wallNanoseconds: 0,
            verdict: verdict,
            probabilities: ClassProbabilities(probabilities.span),
            heardMilliseconds: 480,
            stable: StableLabel(label: 1, forMilliseconds: 500),
            quality: SoundQuality(levelDecibels: -23.44, signalToNoiseDecibels: 18.2, isClipping: false),
            lagMilliseconds: 11.8
        )
    }

    @Test func anEstimateHasLabelProbabilitiesAndPosition() throws {
        let line = try object(.estimate(Self.estimate(.label(1))))
        #expect(line["type"] as? String == "estimate")
        #expect(line["label"] as? String == "happy")
        #expect(line["p"] as? [String: Double] == ["neutral": 0.2, "happy": 0.7, "sad": 0.1])
        #expect(line["conf"] as? Double == 0.7)
        #expect(line["span"] as? [Double] == [1, 1.5])
        #expect(line["utt"] as? Int == 3 && line["rev"] as? Int == 5 && line["seq"] as? Int == 48213)
        #expect(line["heard_ms"] as? Int == 480)
        #expect(line["voice_s"] as? Double == 0)
        #expect(line["why"] == nil)
    }

    @Test func anEstimateHasTheSecondsOfKnownVoice() throws {
        var estimate = Self.estimate(.label(1))
        estimate.voiceSeconds = 12.34
        #expect(try object(.estimate(estimate))["voice_s"] as? Double == 12.3)
        estimate.utterance = nil
        #expect(try object(.estimate(estimate))["voice_s"] == nil, "no voice without speech")
    }

    @Test(arguments: NoLabelReason.allCases)
    func withoutALabelThereIsNullAndAReason(_ reason: NoLabelReason) throws {
        let line = try object(.estimate(Self.estimate(.none(reason), utterance: nil)))
        #expect(line["label"] is NSNull && line["utt"] is NSNull)
        #expect(line["why"] as? String == "\(reason.word)")
        #expect(line["p"] == nil, "no probabilities without speech")
    }

    @Test func attributesAreWrittenForSpeechOfAModelThatHasThem() throws {
        let lines = EventLine(labels: Self.labels, attributes: ["arousal", "valence"])
        func fields(_ verdict: Verdict, utterance: UInt64?, isClipped: Bool) throws -> [String: Any] {
            var estimate = Self.estimate(verdict, utterance: utterance)
            estimate.attributes = AttributeValues([-0.25, 1], isClipped: isClipped)
            let line = lines.line(.estimate(estimate))
            return try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
        let within = try fields(.label(1), utterance: 3, isClipped: false)
        #expect(within["dims"] as? [String: Double] == ["arousal": -0.25, "valence": 1])
        #expect(within["clipped"] == nil)
        #expect(try fields(.none(.tooShort), utterance: 3, isClipped: true)["clipped"] as? Bool == true)
        #expect(try fields(.none(.noSpeech), utterance: nil, isClipped: false)["dims"] == nil)
        #expect(try object(.estimate(Self.estimate(.label(1))))["dims"] == nil)
    }

    @Test func theEndOfAnUtteranceHasItsFinalEstimate() throws {
        let end = try object(.utteranceEnded(utterance: 3, sample: 32_000, final: Self.estimate(.label(2))))
        #expect(end["event"] as? String == "end" && end["t"] as? Double == 2)
        let final = try #require(end["estimate"] as? [String: Any])
        #expect(final["label"] as? String == "sad")
    }

    @Test func aLossHasSizeCauseAndPrecision() throws {
        let loss = Overrun(
            sampleCount: 320,
            cause: .ringFull,
            totalCount: 1280,
            sample: 16_000
        )
        let line = try object(.overrun(loss))
        #expect(line["samples"] as? Int == 320 && line["total"] as? Int == 1280)
        #expect(line["cause"] as? String == "ring_full" && line["exact"] as? Bool == true)
    }

    @Test(arguments: CaptureCondition.allCases)
    func aStateNamesTheDeviceAndWhetherItIsMuted(_ condition: CaptureCondition) throws {
        let line = try object(.state(CaptureChange(condition: condition, sample: 0, retryMilliseconds: 1000)))
        #expect(line["capture"] as? String == "\(condition.word)")
        #expect(line["muted"] as? Bool == (condition == .muted))
        #expect(line["device"] as? String == "pulse:mic" && line["retry_ms"] as? Int == 1000)
    }

    @Test func theMostProbableLabelIsTheFirstOfEquals() {
        let tied: [Float] = [0.1, 0.45, 0.45]
        #expect(ClassProbabilities(tied.span).top == 1)
        #expect(ClassProbabilities(uniformOver: 7).top == 0)
    }
}
