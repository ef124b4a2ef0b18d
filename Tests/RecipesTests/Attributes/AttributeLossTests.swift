// SPDX-License-Identifier: Apache-2.0
import Corpora
import Recipes
import Testing

struct AttributeLossTests {
    private static let outputs: [Float] = [0.1, -0.4, 0.9, 0.3, -0.6, 0.8, 0.2, 0.7]
    /// Two attributes of four clips; the second clip has no arousal, the third no valence.
    private static let labels: [[Attribute: Double]] = [
        [.arousal: -1, .valence: 0.5], [.valence: -0.25], [.arousal: 0], [.arousal: 1, .valence: 1],
    ]

    private func loss(_ outputs: [Float], _ labels: [[Attribute: Double]]) -> (loss: Float, gradient: [Float])
    {
        var loss = AttributeLoss(.init(arousal: 2, valence: 0.5))
        return loss.lossAndGradient(outputs, labels)
    }

    /// 2 (1 - CCC) of (0.1, -0.6, 0.2) and (-1, 0, 1), and half of that of (-0.4, 0.3, 0.7) and (0.5, -0.25, 1),
    /// by NumPy 2.
    @Test func itIsTheWeightedSumOverTheClipsThatHaveANumber() {
        #expect(abs(loss(Self.outputs, Self.labels).loss - 2.221303) < 1e-5)
    }

    @Test func clipsWithoutANumberGetNoGradientAndTheOthersItsSlope() {
        let gradient = loss(Self.outputs, Self.labels).gradient
        #expect(gradient[2] == 0 && gradient[5] == 0)
        for index in Self.outputs.indices {
            var (above, below) = (Self.outputs, Self.outputs)
            above[index] += 1e-2
            below[index] -= 1e-2
            let slope = (loss(above, Self.labels).loss - loss(below, Self.labels).loss) / 2e-2
            #expect(abs(slope - gradient[index]) < 2e-3, "output \(index)")
        }
    }

    @Test(
        arguments: [
            [[:], [:], [:], [:]], [[.arousal: 0.3], [:], [:], [.valence: 1]],
        ] as [[[Attribute: Double]]]
    )
    func fewerThanTwoLabelsTeachNothing(_ labels: [[Attribute: Double]]) {
        let (loss, gradient) = loss(Self.outputs, labels)
        #expect(loss == 0 && gradient == Array(repeating: 0, count: 8))
    }

    @Test func labelsAndAnswersThatAreAllEqualGiveNumbers() {
        for outputs in [
            Self.outputs, Array(repeating: Float(0.5), count: 8), Array(repeating: Float(1e-20), count: 8),
        ] {
            for value in [0.0, 0.5] {
                let labels = Array(repeating: [Attribute.arousal: value], count: 4)
                let (loss, gradient) = loss(outputs, labels)
                #expect(loss.isFinite && gradient.allSatisfy(\.isFinite))
                #expect(gradient == Array(repeating: 0, count: 8), "equal labels say nothing of order")
            }
        }
    }
}
