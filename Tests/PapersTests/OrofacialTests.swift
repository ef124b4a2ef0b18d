// SPDX-License-Identifier: Apache-2.0
import Corpora
import MatrixProducts
import Papers
import TestSupport
import Testing
import Training

@Suite struct OrofacialTests {
    init() throws { try OpenBLAS.load() }

    private func numbers(_ count: Int, _ random: inout TrainingRandom) -> [Double] {
        (0..<count).map { _ in random.unit() * 2 - 1 }
    }

    @Test(arguments: OrofacialNetwork<Double>.Structure.allCases)
    func everyGradientOfAllThreeTasksAgrees(structure: OrofacialNetwork<Double>.Structure) {
        var random = TrainingRandom(seed: 5)
        let shape = OrofacialNetwork<Double>.Shape(
            structure,
            inputs: 3,
            width: 6,
            movements: 2,
            visemes: 4,
            emotions: 3,
            dropout: 0
        )
        let network = OrofacialNetwork(shape, random: &random)
        let features = numbers(2 * 7 * 3, &random)
        let (movement, visemes) = (numbers(2 * 7 * 2, &random), numbers(2 * 7 * 4, &random))
        let emotions = numbers(2 * 3, &random)
        func loss() -> Double {
            let output = network.forward(features, batch: 2)
            return zip(output.movement + output.visemes + output.emotions, movement + visemes + emotions)
                .reduce(0) { $0 + $1.0 * $1.1 }
        }
        _ = loss()
        network.parameters.clearGradients()
        network.backward(movement: movement, visemes: visemes, emotions: emotions)
        let worst = worstSlopeError(
            around: network.parameters.all,
            gradient: network.parameters.allGradients
        ) {
            network.parameters.all = $0
            return loss()
        }
        #expect(worst < 1e-5)
    }

    @Test(arguments: OrofacialNetwork<Double>.Structure.allCases)
    func aSecondaryTaskThatIsLeftOutLearnsNothing(structure: OrofacialNetwork<Double>.Structure) {
        var random = TrainingRandom(seed: 6)
        let shape = OrofacialNetwork<Double>.Shape(
            structure,
            inputs: 3,
            width: 4,
            movements: 2,
            visemes: 3,
            emotions: 2,
            dropout: 0
        )
        let network = OrofacialNetwork(shape, random: &random)
        _ = network.forward(numbers(2 * 5 * 3, &random), batch: 2)
        network.backward(movement: numbers(2 * 5 * 2, &random))
        let gradients = network.parameters.allGradients
        for entry in network.parameters.entries {
            let isSecondary = entry.name.hasPrefix("visemes") || entry.name.hasPrefix("emotions")
            let own = gradients[entry.offset..<entry.offset + entry.count]
            #expect(own.allSatisfy { $0 == 0 } == isSecondary, "\(entry.name)")
        }
    }

    /// Speech whose answers are known: the movement is the first feature, heard one frame late and scaled by the emotion;
    /// the viseme is the sign of the second.
    private struct Puzzle {
        static let frames = 24
        var features: [Float] = []
        var movement: [Float] = []
        var visemes: [Float] = []
        var emotions: [Float] = []

        init(sequences: Int, random: inout TrainingRandom) {
            for _ in 0..<sequences {
                let isLoud = random.unit() > 0.5
                var last: Float = 0
                for frame in 0..<Self.frames {
                    let phase = Float(frame) * 0.5 + Float(random.unit()) * 0.3
                    let first = phase.truncatingRemainder(dividingBy: 2) - 1
                    let second = Float(random.unit() * 2 - 1)
                    features += [first, second, isLoud ? 0.5 : -0.5]
                    movement.append(last * (isLoud ? 1.5 : 0.5))
                    visemes += second > 0 ? [1, 0] : [0, 1]
                    last = first
                }
                emotions += isLoud ? [1, 0] : [0, 1]
            }
        }
    }

    private func crossEntropy(_ logits: [Float], _ targets: [Float]) -> [Float] {
        var gradient = logits
        _ = Losses.crossEntropy(logits: logits, targets: targets, classWeights: [1, 1], gradient: &gradient)
        return gradient
    }

    private func share(_ logits: [Float], right targets: [Float]) -> Double {
        let rows = stride(from: 0, to: logits.count, by: 2)
        let right = rows.count { (logits[$0] > logits[$0 + 1]) == (targets[$0] > 0.5) }
        return Double(right) / Double(logits.count / 2)
    }

    @Test(arguments: OrofacialNetwork<Float>.Structure.allCases)
    func aPuzzleWithKnownAnswersIsSolved(structure: OrofacialNetwork<Float>.Structure) {
        var random = TrainingRandom(seed: 7)
        let shape = OrofacialNetwork<Float>.Shape(
            structure,
            inputs: 3,
            width: 16,
            movements: 1,
            visemes: 2,
            emotions: 2,
            dropout: 0
        )
        let network = OrofacialNetwork(shape, random: &random)
        let optimiser = AdamW(network.parameters)
        for _ in 0..<300 {
            let puzzle = Puzzle(sequences: 16, random: &random)
            let output = network.forward(puzzle.features, batch: 16)
            let count = Float(puzzle.movement.count)
            network.parameters.clearGradients()
            network.backward(
                movement: zip(output.movement, puzzle.movement).map { 2 * ($0 - $1) / count },
                visemes: crossEntropy(output.visemes, puzzle.visemes),
                emotions: crossEntropy(output.emotions, puzzle.emotions)
            )
            _ = optimiser.step(learningRate: 0.01)
        }
        let unseen = Puzzle(sequences: 50, random: &random)
        let output = network.forward(unseen.features, batch: 50)
        let nearness = Nearness(output.movement, unseen.movement, columns: 1)
        #expect(nearness.meanCorrelation > 0.95)
        #expect(share(output.visemes, right: unseen.visemes) > 0.95)
        #expect(share(output.emotions, right: unseen.emotions) == 1)
    }

    @Test func aDrawnFaceOpensItsMouthWhenTheJawDrops() {
        let drawing = FaceAnimation(
            truth: [0, 0, 2, 0, 4, 1],
            prediction: [0, 0, 4, 0, 8, 0],
            units: [.jawDrop, .lipFunneler],
            framesPerSecond: 30
        ).svg
        #expect(drawing.contains("values=\"2.0;13.0;24.0\" dur=\"0.1s\""), "the tracked mouth: \(drawing)")
        #expect(drawing.contains("values=\"28.0;28.0;12.0\""), "it narrows at the end")
        #expect(drawing.contains("values=\"2.0;24.0;24.0\""), "the made one goes no farther than the face")
    }

    @Test func nearnessIsThatOfTheFramesThatAreKnown() {
        let nearness = Nearness([1, 5, 2, 5, 9, 5], [2, 7, 4, 7, 0, 7], columns: 2, isKnown: [1, 1, 0])
        #expect(nearness.correlations == [1, nil])
        #expect(abs(nearness.errors[0] - (2.5).squareRoot()) < 1e-6)
        #expect(nearness.errors[1] == 2)
    }
}
