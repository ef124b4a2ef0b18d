// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation
import Recipes
import TestSupport
import Testing
import Training

struct CoOccurrenceLossTests {
    private typealias Labels = Recipe.CoOccurrence.Labels

    private static let penalties: [[Double]] = [
        [0, 0.2, 0.9, 0.5], [0.3, 0, 0.7, 0.6], [0.8, 0.1, 0, 0.4], [0.45, 0.55, 0.65, 0],
    ]
    private static let label: [Labels: [Double]] = [
        .hard: [0, 1, 0, 0], .multi: [1, 0, 1, 0], .distribution: [0.5, 0.3, 0, 0.2],
    ]

    private func loss(_ labels: Labels, _ alpha: Double) -> CoOccurrenceLoss {
        CoOccurrenceLoss(penalties: Self.penalties, labels: labels, alpha: alpha)
    }

    private func logits(seed: UInt64) -> [Double] {
        var random = SeededRandom(seed: seed)
        return (0..<4).map { _ in Double.random(in: -2...2, using: &random) }
    }

    @Test(arguments: Recipe.CoOccurrence.Labels.allCases, [0, 0.2, 0.5, 1])
    func theGradientIsThatOfFiniteDifferences(labels: Recipe.CoOccurrence.Labels, alpha: Double) throws {
        let loss = loss(labels, alpha)
        let label = try #require(Self.label[labels])
        let smoothing = labels == .multi ? 0 : 0.1
        for seed in 1...5 as ClosedRange<UInt64> {
            let logits = logits(seed: seed)
            let gradient = loss.lossAndGradient(logits: logits, label: label, smoothing: smoothing).gradient
            for index in logits.indices {
                let ends = [1e-5, -1e-5].map { step in
                    var moved = logits
                    moved[index] += step
                    return loss.lossAndGradient(logits: moved, label: label, smoothing: smoothing).loss
                }
                let difference = (ends[0] - ends[1]) / 2e-5
                #expect(abs(difference - gradient[index]) < 1e-8, "seed \(seed), logit \(index)")
            }
        }
    }

    @Test func theThreeFormsAreTheirEquations() throws {
        let logits = [0.3, -1.2, 0.8, 0.1]
        let powers = logits.map { exp($0) }
        let p = powers.map { $0 / powers.reduce(0, +) }
        let s = logits.map { 1 / (1 + exp(-$0)) }
        let costs = Self.penalties
        let hard = (0..<4).reduce(0.0) { $0 - costs[1][$1] * log(1 - p[$1]) }
        let multi = [1, 3].reduce(0.0) { $0 - (costs[0][$1] + costs[2][$1]) * log(1 - s[$1]) } / 2
        let y = try #require(Self.label[.distribution])
        let expected = (0..<4).reduce(0.0) { sum, j in
            (0..<4).reduce(sum) { $0 + y[j] * costs[j][$1] * p[$1] }
        }
        for (labels, value) in [(Labels.hard, hard), (.multi, multi), (.distribution, expected)] {
            let label = try #require(Self.label[labels])
            let penalised = loss(labels, 1).lossAndGradient(logits: logits, label: label).loss
            #expect(abs(penalised - value) < 1e-12, "\(labels): \(penalised), \(value)")
        }
        let divergence = (0..<4).reduce(0.0) { y[$1] > 0 ? $0 + y[$1] * log(y[$1] / p[$1]) : $0 }
        let base = loss(.distribution, 0).lossAndGradient(logits: logits, label: y).loss
        #expect(abs(base - divergence) < 1e-12)
    }

    @Test func massThatMovesToARarerCompanionCostsMore() throws {
        // From class 0, of which class 1 is heard often (0.2) and class 2 seldom (0.9): the same mass, elsewhere.
        let (towardsFrequent, towardsRare) = ([1.0, 0.8, -1, -1], [1.0, -1, 0.8, -1])
        for labels in Labels.allCases {
            let costs = [towardsFrequent, towardsRare].map { logits in
                loss(labels, 1).lossAndGradient(logits: logits, label: [1, 0, 0, 0]).loss
            }
            #expect(costs[1] > costs[0] + 0.05, "\(labels): \(costs)")
            let plain = [towardsFrequent, towardsRare].map { logits in
                loss(labels, 0).lossAndGradient(logits: logits, label: [1, 0, 0, 0]).loss
            }
            #expect(abs(plain[0] - plain[1]) < 1e-12, "the base loss does not see the difference")
        }
    }

    @Test func atAlphaZeroTheBaseLossIsLeftToTheBit() throws {
        let logits = logits(seed: 9)
        var gradient = Array(repeating: 0.0, count: 4)
        let target = Losses.smoothed([0, 1, 0, 0], classes: 4, by: 0.1)
        let ones = [1.0, 1, 1, 1]
        let entropy = Losses.crossEntropy(
            logits: logits,
            targets: target,
            classWeights: ones,
            gradient: &gradient
        )
        let hard = loss(.hard, 0).lossAndGradient(logits: logits, label: [0, 1, 0, 0], smoothing: 0.1)
        #expect(hard.loss == entropy && hard.gradient == gradient)
        let soft = loss(.distribution, 0).lossAndGradient(logits: logits, label: [0, 1, 0, 0])
        let plain = loss(.hard, 0).lossAndGradient(logits: logits, label: [0, 1, 0, 0])
        #expect(soft.loss == plain.loss && soft.gradient == plain.gradient, "one-hot labels have no entropy")
        let binary = Losses.binaryCrossEntropy(
            logits: logits,
            targets: [1, 0, 1, 0],
            mask: ones,
            gradient: &gradient
        )
        let multi = loss(.multi, 0).lossAndGradient(logits: logits, label: [1, 0, 1, 0])
        #expect(multi.loss == 4 * binary && multi.gradient == gradient.map { 4 * $0 })
    }

    @Test(arguments: Recipe.CoOccurrence.Labels.allCases, [200, -200, 1e4, -1e4, 1e30] as [Float])
    func certaintyStaysFinite(labels: Recipe.CoOccurrence.Labels, logit: Float) {
        for place in 0..<4 {
            var logits: [Float] = [0.1, -0.2, 0.3, 0]
            logits[place] = logit
            let (value, gradient) = loss(labels, 0.5).lossAndGradient(logits: logits, label: [0, 1, 0, 0])
            #expect(
                value.isFinite && gradient.allSatisfy(\.isFinite),
                "logit \(place): \(value), \(gradient)"
            )
        }
    }

    @Test func theRightAnswerWithCertaintyCostsNothing() {
        for labels in Labels.allCases {
            let value = loss(labels, 0.5).lossAndGradient(logits: [-60, 60, -60, -60], label: [0, 1, 0, 0])
                .loss
            #expect(abs(value) < 1e-12, "\(labels): \(value)")
        }
    }

    @Test func inTheEmotionLossAlphaZeroWithHardLabelsIsCrossEntropy() {
        let lessons = [0, 2, 1].map { truth in
            EmotionLoss.Lesson(
                truth: truth,
                weight: Float(truth + 1),
                companion: nil,
                label: (0..<4).map { $0 == truth ? 1 : 0 }
            )
        }
        let logits = (1...3).flatMap { self.logits(seed: $0).map { Float($0) } }
        let plain = EmotionLoss(classCount: 4, smoothing: 0.1, companionCount: 0)
        let mixed = EmotionLoss(
            classCount: 4,
            smoothing: 0.1,
            companionCount: 0,
            coOccurrence: loss(.hard, 0)
        )
        let (ours, theirs) = (
            mixed.lossAndGradient(logits, lessons, scale: 1), plain.lossAndGradient(logits, lessons, scale: 1)
        )
        #expect(abs(ours.loss - theirs.loss) < 1e-6)
        #expect(zip(ours.gradient, theirs.gradient).allSatisfy { abs($0 - $1) < 1e-6 })
        let punished = EmotionLoss(
            classCount: 4,
            smoothing: 0.1,
            companionCount: 0,
            coOccurrence: loss(.hard, 0.5)
        )
        #expect(abs(punished.lossAndGradient(logits, lessons, scale: 1).loss - theirs.loss) > 0.01)
    }
}
