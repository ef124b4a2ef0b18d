// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation
import Recipes
import Training

/// Settings for training a network of a study: AdamW with a warm-up and a cosine, as everywhere in Undertone. The lab's
/// code uses a fixed rate and keeps the epoch of the lowest development loss; here no speaker's result decides anything.
struct Fitting: Codable, Hashable, Sendable {
    /// Number of passes over the sentences.
    let epochs: Int
    /// Number of sentences in a step.
    let batchSentences: Int
    /// The highest learning rate.
    let learningRate: Double
    /// Number of steps in which it rises from 0.
    let warmUpSteps: Int
    /// Decoupled weight decay.
    let weightDecay: Double
    /// Share of a target that is spread over all classes.
    let labelSmoothing: Float
    /// Share of draws that take the clean copy of a sentence.
    let cleanShare: Double

    var problem: String? {
        if !(1...10_000).contains(epochs) { return "epochs must be 1 to 10000" }
        if !(2...4096).contains(batchSentences) { return "batchSentences must be 2 to 4096" }
        if !(0...1).contains(learningRate) { return "learningRate must be 0 to 1" }
        if !(0...1).contains(cleanShare) { return "cleanShare must be 0 to 1" }
        if !(0..<1).contains(labelSmoothing) { return "labelSmoothing must be at least 0 and below 1" }
        return nil
    }

    /// The optimiser for `parameters`.
    func optimiser(_ parameters: Parameters<Float>) -> AdamW<Float> {
        var settings = AdamW<Float>.Settings()
        settings.weightDecay = weightDecay
        settings.averageDecay = 0
        return AdamW(parameters, settings)
    }

    /// The learning rates of `epochs` passes of `steps` steps.
    func schedule(stepsPerEpoch steps: Int) -> Schedule {
        Schedule(peak: learningRate, warmUpSteps: warmUpSteps, totalSteps: epochs * steps)
    }

    /// The batches of an epoch over `count` sentences; omits a last one of less than half the size, for
    /// batch normalisation.
    func batches<Item>(_ items: [Item], using random: inout some RandomNumberGenerator) -> [[Item]] {
        let shuffled = items.shuffled(using: &random)
        return stride(from: 0, to: shuffled.count, by: batchSentences)
            .map { Array(shuffled[$0..<min(shuffled.count, $0 + batchSentences)]) }
            .filter { $0.count * 2 >= batchSentences || shuffled.count < batchSentences }
    }

    /// Smoothed one-hot targets `[truths, classes]`.
    func targets(_ truths: [Int], classes: Int) -> [Float] {
        let hard = truths.flatMap { truth in (0..<classes).map { $0 == truth ? Float(1) : 0 } }
        return Losses.smoothed(hard, classes: classes, by: labelSmoothing)
    }
}
