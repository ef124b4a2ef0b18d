// SPDX-License-Identifier: Apache-2.0
import Recipes
import TestSupport
import Testing

struct TeacherLossTests {
    private let mask: [Double] = [1, 1, 1, 0, 0, 1, 1, 1]

    private func numbers(_ seed: UInt64) -> [Double] {
        var random = SeededRandom(seed: seed)
        return (0..<mask.count * 3).map { _ in Double.random(in: -2...2, using: &random) }
    }

    @Test(arguments: [(1.0, 0.0), (0.0, 1.0), (0.7, 0.4)])
    func theGradientIsThatOfFiniteDifferences(weights: (frames: Double, moments: Double)) {
        let loss = TeacherLoss<Double>(weight: weights.frames, momentWeight: weights.moments)
        let (outputs, targets) = (numbers(3), numbers(4))
        let at = { loss.lossAndGradient(outputs: $0, targets: targets, mask: mask, clips: 2) }
        let gradient = at(outputs).gradient
        for index in outputs.indices {
            var (up, down) = (outputs, outputs)
            up[index] += 1e-5
            down[index] -= 1e-5
            #expect(abs((at(up).loss - at(down).loss) / 2e-5 - gradient[index]) < 1e-7, "output \(index)")
        }
    }

    @Test func framesThatDoNotCountHaveNoSlope() {
        let loss = TeacherLoss<Double>(weight: 1, momentWeight: 1)
        let gradient = loss.lossAndGradient(outputs: numbers(3), targets: numbers(4), mask: mask, clips: 2)
            .gradient
        #expect(gradient[9..<15].allSatisfy { $0 == 0 })
    }

    @Test func aPerfectPredictionCostsNothing() {
        let loss = TeacherLoss<Double>(weight: 1, momentWeight: 1)
        #expect(
            loss.lossAndGradient(outputs: numbers(3), targets: numbers(3), mask: mask, clips: 2).loss == 0
        )
    }
}
