// SPDX-License-Identifier: Apache-2.0
import Corpora
import Recipes
import Testing
import Training

struct PretextTests {
    /// One clip, a whole view and a chunk, two classes of action units, three inputs and two embeddings.
    private var targets: PretextTargets {
        var targets = PretextTargets()
        for label in [true, nil] { targets.energy.append(label) }
        for label in [false, true] { targets.face.append(label) }
        targets.units = [1, nil]
        targets.future = [1, 2, 3, 0, 0, 0]
        targets.futureMask = [1, 0]
        return targets
    }

    private let all = Recipe.Pretext(energyWeight: 2, faceWeight: 0.5, unitWeight: 3, predictionWeight: 1)

    private var outputs: [[Float]] {
        let classes = UnitEmotionTask.classNames.count
        return [[0.3, -1], [0.2, -0.4], (0..<2 * classes).map { Float($0 % 3) / 3 }]
    }

    private func loss(_ pooled: [[Float]], _ frames: [[Float]]) -> (
        loss: Float, gradients: PretextLoss.Gradients
    ) {
        var loss = PretextLoss(all)
        return loss.lossAndGradients(pooled: pooled, frames: frames, targets)
    }

    @Test func everyTasksGradientAgreesWithFiniteDifferences() {
        let frames: [[Float]] = [[0.5, 2.5, 3.5, 9, 9, 9]]
        let gradients = loss(outputs, frames).gradients
        for (head, values) in outputs.enumerated() {
            for index in values.indices {
                var (above, below) = (outputs, outputs)
                above[head][index] += 0.01
                below[head][index] -= 0.01
                let slope = (loss(above, frames).loss - loss(below, frames).loss) / 0.02
                #expect(abs(slope - gradients.pooled[head][index]) < 2e-3, "head \(head), number \(index)")
            }
        }
        for index in frames[0].indices {
            var (above, below) = (frames, frames)
            above[0][index] += 0.01
            below[0][index] -= 0.01
            let slope = (loss(outputs, above).loss - loss(outputs, below).loss) / 0.02
            #expect(abs(slope - gradients.frames[0][index]) < 2e-3, "frame number \(index)")
        }
    }

    @Test func whatHasNoLabelTeachesNothing() {
        let gradients = loss(outputs, [[0, 0, 0, 5, 5, 5]]).gradients
        #expect(gradients.pooled[0][1] == 0, "the chunk has no energy label")
        let classes = UnitEmotionTask.classNames.count
        #expect(gradients.pooled[2][classes...].allSatisfy { $0 == 0 }, "no action units are known")
        #expect(gradients.frames[0][3...].allSatisfy { $0 == 0 }, "there is no such frame")
    }

    @Test func aTaskWithoutWeightHasNoHeadAndNoGradient() {
        var loss = PretextLoss(Recipe.Pretext(faceWeight: 1))
        let (value, gradients) = loss.lossAndGradients(pooled: [[0.2, -0.4]], frames: [], targets)
        #expect(value > 0 && gradients.pooled.count == 1 && gradients.frames.isEmpty)
        #expect(Array(loss.scores.keys) == [.face])
    }

    @Test func clustersAndTripletsTeachWhatTheyAreWeightedFor() {
        let settings = Recipe.Pretext(
            clusters: .init(weight: 0.5, count: 3),
            triplets: .init(weight: 2, margin: 1)
        )
        var targets = PretextTargets()
        targets.clusters = [2, nil, 0, 1]
        targets.triplets = [.init(anchor: 1, positive: 2, negative: 3)]
        let outputs: [[Float]] = [
            (0..<4 * 3).map { Float($0 % 5) / 4 }, (0..<4 * 32).map { Float($0 % 7) / 7 - 0.3 },
        ]
        func loss(_ outputs: [[Float]]) -> (loss: Float, gradients: PretextLoss.Gradients) {
            var loss = PretextLoss(settings)
            return loss.lossAndGradients(pooled: outputs, frames: [], targets)
        }
        let gradients = loss(outputs).gradients.pooled
        for (head, values) in outputs.enumerated() {
            for index in values.indices {
                var (above, below) = (outputs, outputs)
                above[head][index] += 0.01
                below[head][index] -= 0.01
                let slope = (loss(above).loss - loss(below).loss) / 0.02
                #expect(abs(slope - gradients[head][index]) < 2e-3, "head \(head), number \(index)")
            }
        }
        #expect(gradients[0][3..<6].allSatisfy { $0 == 0 }, "the second clip has no cluster")
        #expect(gradients[1][..<32].allSatisfy { $0 == 0 }, "the first row is in no triplet")
    }

    @Test func chunksNearAndFarMakeTriplets() {
        // Two clips; the second is too short for anything to be far.
        let triplets = ChunkTriplets.triplets([[50, 3], [80, 0], [60, 5], [10, 9]], farther: 10)
        #expect(triplets == [.init(anchor: 2, positive: 6, negative: 8)])
        #expect(ChunkTriplets.triplets([[1], [50]], farther: 1).isEmpty)
    }

    @Test func energyVariationIsThatOfTheSpeechAlone() throws {
        let energy: [Float] = [-20, 1, 3, 1, 3, -20]
        let marks = [false, true, true, true, true, false]
        let variation = try #require(EnergyTask.variation(energy[...], marks[...]))
        #expect(abs(variation - 1) < 1e-6)
        #expect(EnergyTask.variation(energy[...], [true, false, false, false, false, false][...]) == nil)
        #expect(EnergyTask.variation([], []) == nil)
    }
}
