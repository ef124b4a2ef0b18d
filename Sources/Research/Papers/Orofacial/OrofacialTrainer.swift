// SPDX-License-Identifier: Apache-2.0
import Recipes
import Training

/// Trains one network on movement, and on emotions if they are known.
struct OrofacialTrainer {
    /// One sequence of a batch, all of the same length.
    struct Example {
        /// Row-major `[T, F]`, standardised.
        let features: [Float]
        /// Standardised movement: `[T, M]`, or `[M]` if only the mean over the sequence is known.
        let movement: [Float]
        /// 1 for each frame of `movement` that is known.
        let isKnown: [Float]
        let emotion: Int?
        /// The viseme of each frame, if the text is known.
        let visemes: [Int]?
    }

    let network: OrofacialNetwork<Float>
    private let fitting: Fitting
    private let emotionWeight: Float
    private let visemeWeight: Float
    private var random: TrainingRandom

    init(
        _ shape: OrofacialNetwork<Float>.Shape,
        _ fitting: Fitting,
        emotionWeight: Float,
        visemeWeight: Float,
        seed: UInt64
    ) {
        (self.fitting, self.emotionWeight, self.visemeWeight) = (fitting, emotionWeight, visemeWeight)
        random = TrainingRandom(seed: seed)
        network = OrofacialNetwork(shape, random: &random)
    }

    /// Trains on examples; `draw` creates a new one from one of `count` items each time.
    mutating func fit(
        count: Int,
        _ tell: (_ epoch: Int, _ loss: Double) -> Void,
        draw: (Int, inout TrainingRandom) -> Example
    ) {
        let optimiser = fitting.optimiser(network.parameters)
        let steps = fitting.batches(Array(0..<count), using: &random).count
        let schedule = fitting.schedule(stepsPerEpoch: steps)
        for epoch in 1...fitting.epochs {
            var sum = 0.0
            for batch in fitting.batches(Array(0..<count), using: &random) {
                let examples = batch.map { draw($0, &random) }
                sum += step(examples)
                _ = optimiser.step(learningRate: schedule.learningRate(at: optimiser.stepCount))
            }
            tell(epoch, sum / Double(max(1, steps)))
        }
    }

    private mutating func step(_ examples: [Example]) -> Double {
        let output = network.forward(
            examples.flatMap(\.features),
            batch: examples.count,
            random: &random
        )
        let (loss, gradient) = movementLoss(output.movement, examples)
        let emotion =
            emotionWeight > 0
            ? self.loss(output.emotions, examples.map { $0.emotion.map { [$0] } }, emotionWeight) : nil
        let viseme = visemeWeight > 0 ? self.loss(output.visemes, examples.map(\.visemes), visemeWeight) : nil
        network.parameters.clearGradients()
        network.backward(movement: gradient, visemes: viseme?.gradient, emotions: emotion?.gradient)
        return Double(loss + (emotion?.loss ?? 0) + (viseme?.loss ?? 0))
    }

    /// Mean squared error over the known frames, or of the means over the sequences.
    private func movementLoss(_ outputs: [Float], _ examples: [Example]) -> (Float, [Float]) {
        let movements = network.shape.movements
        let frames = outputs.count / (examples.count * movements)
        var (loss, gradient) = (Float(0), [Float](repeating: 0, count: outputs.count))
        let known = max(1, examples.reduce(0) { $0 + $1.isKnown.reduce(0, +) }) * Float(movements)
        for (b, example) in examples.enumerated() {
            let start = b * frames * movements
            if example.movement.count == movements, frames > 1 {
                let means = self.means(outputs[start..<start + frames * movements])
                for column in 0..<movements {
                    let error = means[column] - example.movement[column]
                    loss += error * error / known
                    for frame in 0..<frames {
                        gradient[start + frame * movements + column] = 2 * error / (known * Float(frames))
                    }
                }
            } else {
                for index in example.movement.indices where example.isKnown[index / movements] > 0 {
                    let error = outputs[start + index] - example.movement[index]
                    loss += error * error / known
                    gradient[start + index] = 2 * error / known
                }
            }
        }
        return (loss, gradient)
    }

    /// The mean over the frames of one sequence's movement.
    func means(_ movement: some Collection<Float>) -> [Float] {
        let movements = network.shape.movements
        var means = [Float](repeating: 0, count: movements)
        for (index, value) in movement.enumerated() { means[index % movements] += value }
        return means.map { $0 / Float(movement.count / movements) }
    }

    /// Cross entropy over the rows of the examples whose truths are known; each has the same number of rows.
    private func loss(_ logits: [Float], _ truths: [[Int]?], _ weight: Float) -> (
        loss: Float, gradient: [Float]
    ) {
        let rows = truths.compactMap { $0?.count }.first ?? 1
        let classes = logits.count / (truths.count * rows)
        var gradient = logits
        let targets = truths.flatMap { truths in
            (0..<rows).flatMap { row in
                (0..<classes).map { truths?[row] == $0 ? Float(1) : 0 }
            }
        }
        let loss = Losses.crossEntropy(
            logits: logits,
            targets: targets,
            classWeights: [Float](repeating: 1, count: classes),
            gradient: &gradient
        )
        return (weight * loss, gradient.map { weight * $0 })
    }
}
