// SPDX-License-Identifier: Apache-2.0
import Testing
import Training

@Suite struct LossTests {
    @Test(arguments: ["soft", "hard", "large-logits"])
    func crossEntropyGivesPyTorchsLossAndGradient(_ kind: String) throws {
        let tensors = try GoldenTraining.tensors("cross-entropy-" + kind)
        let logits = try tensors("input")
        var gradient = logits
        let loss = try Losses.crossEntropy(
            logits: logits,
            targets: tensors("targets"),
            classWeights: tensors("weights"),
            gradient: &gradient
        )
        try #expect(largestDifference([loss], tensors("loss")) < 1e-6)
        try #expect(largestDifference(gradient, tensors("gradient")) < 1e-6)
    }

    @Test func binaryCrossEntropyGivesPyTorchsLossAndGradient() throws {
        let tensors = try GoldenTraining.tensors("binary-cross-entropy")
        let logits = try tensors("input")
        var gradient = logits
        let loss = try Losses.binaryCrossEntropy(
            logits: logits,
            targets: tensors("targets"),
            mask: tensors("mask"),
            gradient: &gradient
        )
        try #expect(largestDifference([loss], tensors("loss")) < 1e-6)
        try #expect(largestDifference(gradient, tensors("gradient")) < 1e-6, "0 where the mask is 0, too")
    }

    @Test func concordanceGivesPyTorchsLossAndGradient() throws {
        let tensors = try GoldenTraining.tensors("concordance")
        let predictions = try tensors("input")
        var gradient = predictions
        let loss = try Losses.concordance(
            predictions: predictions,
            targets: tensors("targets"),
            gradient: &gradient
        )
        try #expect(largestDifference([loss], tensors("loss")) < 1e-6)
        try #expect(largestDifference(gradient, tensors("gradient")) < 1e-6)
    }

    @Test func tripletsGivePyTorchsLossAndGradient() throws {
        let tensors = try GoldenTraining.tensors("triplets")
        let rows = try tensors("rows").map { Int($0) }
        let embeddings = try tensors("input")
        var gradient = [Float](repeating: 0, count: embeddings.count)
        let loss = Losses.tripletMargin(
            embeddings,
            columns: 5,
            stride(from: 0, to: rows.count, by: 3).map {
                Triplet(anchor: rows[$0], positive: rows[$0 + 1], negative: rows[$0 + 2])
            },
            margin: 1,
            gradient: &gradient
        )
        try #expect(largestDifference([loss], tensors("loss")) < 1e-6)
        try #expect(largestDifference(gradient, tensors("gradient")) < 1e-6)
    }

    @Test func absoluteErrorGivesPyTorchsLossAndGradient() throws {
        let tensors = try GoldenTraining.tensors("absolute-error")
        let outputs = try tensors("input")
        var gradient = outputs
        let loss = try Losses.absoluteError(
            outputs: outputs,
            targets: tensors("targets"),
            mask: tensors("mask"),
            gradient: &gradient
        )
        try #expect(largestDifference([loss], tensors("loss")) < 1e-6)
        try #expect(largestDifference(gradient, tensors("gradient")) < 1e-6, "0 where the mask is 0, too")
    }

    @Test func concordanceOfConstantsIsOneAndPushesNowhere() {
        var gradient: [Double] = [5, 5]
        let loss = Losses.concordance(predictions: [2, 2], targets: [2, 2], gradient: &gradient)
        #expect(loss == 1 && gradient == [0, 0])
    }

    @Test func smoothedTargetsKeepTheirSum() {
        let smooth = Losses.smoothed([1, 0, 0, 0, 0.5, 0.5] as [Float], classes: 3, by: 0.3)
        #expect(largestDifference(smooth, [0.8, 0.1, 0.1, 0.1, 0.45, 0.45]) < 1e-6)
    }

    @Test func everyGradientOfALossAgreesWithFiniteDifferences() {
        var random = TrainingRandom(seed: 2)
        let x = (0..<12).map { _ in random.unit() * 6 - 3 }
        let y = (0..<12).map { _ in random.unit() }
        let mask = (0..<12).map { Double($0 % 3 == 0 ? 0 : 1) }
        let losses: [([Double], inout [Double]) -> Double] = [
            { Losses.crossEntropy(logits: $0, targets: y, classWeights: [1, 0.5, 2], gradient: &$1) },
            { Losses.binaryCrossEntropy(logits: $0, targets: y, mask: mask, gradient: &$1) },
            { Losses.concordance(predictions: $0, targets: y, gradient: &$1) },
            { Losses.absoluteError(outputs: $0, targets: y, mask: [1, 0, 1], gradient: &$1) },
        ]
        for (number, loss) in losses.enumerated() {
            var gradient = x
            _ = loss(x, &gradient)
            for index in x.indices {
                var unused = x
                var (above, below) = (x, x)
                above[index] += 1e-5
                below[index] -= 1e-5
                let slope = (loss(above, &unused) - loss(below, &unused)) / 2e-5
                #expect(abs(slope - gradient[index]) < 1e-8, "loss \(number), number \(index)")
            }
        }
    }
}
