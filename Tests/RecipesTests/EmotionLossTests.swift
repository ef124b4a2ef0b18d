// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation
import Recipes
import TestSupport
import Testing

struct EmotionLossTests {
    private let lessons: [EmotionLoss.Lesson?] = [
        .init(truth: 0, weight: 1, companion: nil), .init(truth: 2, weight: 0.7, companion: 1), nil,
        .init(truth: 1, weight: 2, companion: 0),
    ]

    private func logits() -> [Float] {
        var random = SeededRandom(seed: 4)
        return (0..<12).map { _ in Float.random(in: -1...1, using: &random) }
    }

    /// The largest difference between the gradient at `logits` and central differences of the loss.
    private func worstDifference(_ loss: EmotionLoss, _ logits: [Float], _ lessons: [EmotionLoss.Lesson?])
        -> Float
    {
        let gradient = loss.lossAndGradient(logits, lessons, scale: 1.5).gradient
        return logits.indices.reduce(0) { worst, index in
            var (up, down) = (logits, logits)
            up[index] += 1e-2
            down[index] -= 1e-2
            let above = loss.lossAndGradient(up, lessons, scale: 1.5).loss
            let below = loss.lossAndGradient(down, lessons, scale: 1.5).loss
            return max(worst, abs((above - below) / 2e-2 - gradient[index]))
        }
    }

    @Test func theGradientIsThatOfFiniteDifferences() {
        let loss = EmotionLoss(classCount: 3, smoothing: 0.1, companionCount: 2)
        #expect(worstDifference(loss, logits(), lessons) < 2e-4)
    }

    @Test func aClipWithoutLessonTeachesNothing() {
        let loss = EmotionLoss(classCount: 3, smoothing: 0.1, companionCount: 2)
        let gradient = loss.lossAndGradient(logits(), lessons, scale: 1).gradient
        #expect(gradient[6..<9] == [0, 0, 0])
        #expect(loss.lossAndGradient([1, 2, 3], [nil], scale: 1).loss == 0)
    }

    @Test func weightsAreRelative() {
        let loss = EmotionLoss(classCount: 3, smoothing: 0, companionCount: 0)
        let light = [
            EmotionLoss.Lesson(truth: 0, weight: 1, companion: nil),
            .init(truth: 1, weight: 3, companion: nil),
        ]
        let heavy = light.map { EmotionLoss.Lesson(truth: $0.truth, weight: 10 * $0.weight, companion: nil) }
        let logits: [Float] = [0.1, 0.2, 0.3, -0.1, 0.5, 0]
        let difference =
            loss.lossAndGradient(logits, light, scale: 1).loss
            - loss.lossAndGradient(logits, heavy, scale: 1).loss
        #expect(abs(difference) < 1e-6)
    }

    @Test func aCompanionsBiasTakesWhatItsClassesDiffer() {
        // Companion 0 holds class 1 only; with the same logits its bias must learn that, and no other.
        var loss = EmotionLoss(classCount: 3, smoothing: 0, companionCount: 2)
        let lessons = Array(repeating: EmotionLoss.Lesson(truth: 1, weight: 1, companion: 0), count: 4)
        let logits = Array(repeating: Float(0), count: 12)
        let before = loss.lossAndGradient(logits, lessons, scale: 1).loss
        for count in 1...50 {
            let gradient = loss.lossAndGradient(logits, lessons, scale: 1).gradient
            loss.step(gradient: gradient, lessons, learningRate: 0.05, beta2: 0.99, count: count)
        }
        #expect(loss.lossAndGradient(logits, lessons, scale: 1).loss < before / 5)
        #expect(loss.biases[3...].allSatisfy { $0 == 0 })
    }

    /// Clips of a corpus without *surprised* (6) and *disgusted* (5).
    private let narrow = ClassMask(isPresent: [true, true, true, true, true, false, false])

    private func wideLogits(_ clips: Int) -> [Float] {
        var random = SeededRandom(seed: 9)
        return (0..<7 * clips).map { _ in Float.random(in: -1...1, using: &random) }
    }

    @Test func aClassThatTheCorpusLacksGetsNoGradientAndMovesNoLoss() {
        let loss = EmotionLoss(classCount: 7, smoothing: 0.1, companionCount: 1)
        let lessons = [EmotionLoss.Lesson(truth: 2, weight: 1, companion: 0, classes: narrow)]
        var logits = wideLogits(1)
        let before = loss.lossAndGradient(logits, lessons, scale: 1)
        #expect(before.gradient[5...] == [0, 0])
        #expect(abs(before.gradient.reduce(0, +)) < 1e-6, "what the softmax takes it gives")
        logits[6] = 20
        let after = loss.lossAndGradient(logits, lessons, scale: 1)
        #expect(after.loss == before.loss && after.gradient == before.gradient)
        let all = [EmotionLoss.Lesson(truth: 2, weight: 1, companion: 0)]
        #expect(loss.lossAndGradient(logits, all, scale: 1).loss > before.loss + 10)
    }

    @Test(arguments: [nil, Recipe.CoOccurrence.Labels.hard, .multi, .distribution])
    func theGradientUnderAMaskIsThatOfFiniteDifferences(labels: Recipe.CoOccurrence.Labels?) {
        let penalties = (0..<7).map { (row: Int) -> [Double] in
            (0..<7).map { (column: Int) -> Double in row == column ? 0 : 0.1 * Double(1 + row + column) }
        }
        let loss = EmotionLoss(
            classCount: 7,
            smoothing: labels == .multi ? 0 : 0.1,
            companionCount: 1,
            coOccurrence: labels.map { CoOccurrenceLoss(penalties: penalties, labels: $0, alpha: 0.3) }
        )
        let heard: [Float] = labels == .hard ? [0, 0, 1, 0, 0, 0, 0] : [0.25, 0, 0.5, 0, 0, 0, 0.25]
        let lessons: [EmotionLoss.Lesson?] = [
            .init(truth: 2, weight: 1, companion: 0, label: labels.map { _ in heard }, classes: narrow),
            .init(truth: 6, weight: 0.5, companion: nil),
            .init(truth: 0, weight: 2, companion: nil, classes: narrow),
        ]
        let logits = wideLogits(3)
        let gradient = loss.lossAndGradient(logits, lessons, scale: 1.5).gradient
        #expect(worstDifference(loss, logits, lessons) < 5e-4)
        #expect(gradient[5] == 0, "the first clip's corpus lacks the class and no listener chose it")
        #expect((gradient[6] == 0) == (labels == nil || labels == .hard), "a class that was heard counts")
    }
}
