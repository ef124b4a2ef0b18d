// SPDX-License-Identifier: Apache-2.0
import EmotionEvents
import EmotionStream
import Testing

@Suite struct LabelChoiceTests {
    private func probabilities(_ values: [Float]) -> ClassProbabilities { ClassProbabilities(values.span) }

    @Test func nearlyEqualLabelsDoNotAlternate() {
        var choice = LabelChoice(margin: 0.2)
        #expect(choice.step(probabilities([0.40, 0.35, 0.25]), isFinal: false) == 0)
        #expect(choice.step(probabilities([0.35, 0.45, 0.20]), isFinal: false) == 0)
        #expect(choice.step(probabilities([0.40, 0.38, 0.22]), isFinal: false) == 0)
    }

    @Test func anotherLabelTakesOverOnceItLeadsByTheMargin() {
        var choice = LabelChoice(margin: 0.2)
        _ = choice.step(probabilities([0.6, 0.4]), isFinal: false)
        #expect(choice.step(probabilities([0.25, 0.75]), isFinal: false) == 1)
        #expect(choice.step(probabilities([0.55, 0.45]), isFinal: false) == 1)
    }

    @Test func aFinalEstimateAndANewUtteranceNameTheMostProbable() {
        var choice = LabelChoice(margin: 0.2)
        _ = choice.step(probabilities([0.6, 0.4]), isFinal: false)
        #expect(choice.step(probabilities([0.45, 0.55]), isFinal: true) == 1)
        choice.reset()
        #expect(choice.step(probabilities([0.51, 0.49]), isFinal: false) == 0)
    }
}
