// SPDX-License-Identifier: Apache-2.0
import Training

/// Trains a head with a hidden layer by AdamW: dropout, linear, rectifier, dropout, linear, and a softmax over the classes
/// that a row's corpus knows.
///
/// Each epoch takes every clip once, in another variant: copy, beginning and earlier utterances are drawn again.
struct HiddenHeadTrainer {
    private let settings: Recipe.Readout.Hidden
    private let inputs: Int
    private let classes: Int
    private let parameters = Parameters<Float>()
    private let layers: [any SequenceLayer<Float>]
    private let optimiser: AdamW<Float>
    private let rows = SequenceBuffer<Float>()
    private let slopes = SequenceBuffer<Float>()
    private var random: TrainingRandom

    init(_ settings: Recipe.Readout.Hidden, inputs: Int, units: Int, classes: Int, seed: UInt64) {
        (self.settings, self.inputs, self.classes) = (settings, inputs, classes)
        random = TrainingRandom(seed: seed)
        layers = [
            Dropout(share: settings.dropout),
            Linear(parameters, "hidden", inputs: inputs, outputs: units, random: &random),
            ActivationLayer(.relu),
            Dropout(share: settings.dropout),
            Linear(parameters, "classes", inputs: units, outputs: classes, random: &random),
        ]
        var numbers = AdamW<Float>.Settings()
        numbers.weightDecay = settings.weightDecay
        numbers.averageDecay = 0.99
        optimiser = AdamW(parameters, numbers)
    }

    /// Runs all epochs over what `draw` gives and returns the averaged head.
    mutating func train(_ draw: (_ epoch: Int) -> MaskedRegression.Examples) -> ReadoutHead {
        var schedule: Schedule?
        for epoch in 0..<settings.epochs {
            let examples = draw(epoch)
            let order = Array(0..<examples.count).shuffled(using: &random)
            let starts = Array(stride(from: 0, to: order.count, by: settings.batchClips))
            let plan =
                schedule
                ?? Schedule(
                    peak: settings.learningRate,
                    warmUpSteps: starts.count,
                    totalSteps: settings.epochs * starts.count
                )
            schedule = plan
            for start in starts {
                step(examples, Array(order[start..<min(start + settings.batchClips, order.count)]), plan)
            }
        }
        parameters.all = optimiser.average
        return ReadoutHead(
            hidden: (parameters["hidden.weight"] ?? [], parameters["hidden.bias"] ?? []),
            weight: parameters["classes.weight"] ?? [],
            bias: parameters["classes.bias"] ?? []
        )
    }

    private mutating func step(_ examples: MaskedRegression.Examples, _ batch: [Int], _ schedule: Schedule) {
        let values = batch.flatMap { examples.inputs[$0 * inputs..<($0 + 1) * inputs] }
        let x = rows.load(values, batch: batch.count, frames: 1, channels: inputs)
        let logits = withUnsafeMutablePointer(to: &random) { random in
            let source = DropoutSource(random)
            return layers.reduce(x) { $1.forward($0, source) }.values
        }
        let slope = MaskedRegression.lossAndSlopes(logits, of: batch, in: examples).slopes
        parameters.clearGradients()
        let dy = slopes.load(slope, batch: batch.count, frames: 1, channels: classes)
        _ = layers.reversed().reduce(dy) { $1.backward($0) }
        _ = optimiser.step(learningRate: schedule.learningRate(at: optimiser.stepCount))
    }
}
