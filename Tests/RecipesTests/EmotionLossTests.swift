// SPDX-License-Identifier: Apache-2.0
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

    @Test func theGradientIsThatOfFiniteDifferences() {
        let loss = EmotionLoss(classCount: 3, smoothing: 0.1, companionCount: 2)
        let logits = logits()
        let gradient = loss.lossAndGradient(logits, lessons, scale: 1.5).gradient
        for index in logits.indices {
            var (up, down) = (logits, logits)
            up[index] += 1e-2
            down[index] -= 1e-2
            let difference =
                (loss.lossAndGradient(up, lessons, scale: 1.5).loss
                    - loss.lossAndGradient(down, lessons, scale: 1.5).loss) / 2e-2
            #expect(abs(difference - gradient[index]) < 2e-4, "logit \(index)")
        }
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
            loss.step(gradient: gradient, lessons, learningRate: 0.05, squareDecay: 0.99, count: count)
        }
        #expect(loss.lossAndGradient(logits, lessons, scale: 1).loss < before / 5)
        #expect(loss.biases[3...].allSatisfy { $0 == 0 })
    }
}
