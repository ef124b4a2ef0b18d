// SPDX-License-Identifier: Apache-2.0
import Corpora
import EmotionEncoder
import Foundation
import Training

/// The sounds of all recordings of a recipe's `vocal`, and the heads that are fitted to parts of them.
package struct VocalTrainer {
    /// One recording: its sounds, and what it is.
    package struct Recording {
        let vectors: [[Float]]
        /// Place of its kind in the recipe's list, from 1; 0 for anything else.
        let kind: Int
        /// Source of the sound; never on both sides of a split.
        let source: String

        /// Each parameter as its property says.
        package init(vectors: [[Float]], kind: Int, source: String) {
            (self.vectors, self.kind, self.source) = (vectors, kind, source)
        }
    }

    /// A head that reads raw pooled vectors.
    package struct Fit {
        package let mean: [Float]
        package let deviation: [Float]
        package let head: ReadoutHead

        /// Probabilities [1 + kinds] of one sound.
        package func probabilities(_ vector: [Float]) -> [Float] {
            let input = vector.indices.map { (vector[$0] - mean[$0]) / deviation[$0] }
            let logits = head.logits(input)
            let top = logits.max() ?? 0
            let powers = logits.map { exp($0 - top) }
            return powers.map { $0 / powers.reduce(0, +) }
        }
    }

    let settings: Recipe.Vocal
    let seed: UInt64
    private(set) var recordings: [Recording] = []

    package init(_ settings: Recipe.Vocal, seed: UInt64) { (self.settings, self.seed) = (settings, seed) }

    package mutating func add(_ recording: Recording) { recordings.append(recording) }

    /// One of five parts of the recordings, by who or what is heard.
    package func fold(of recording: Recording) -> Int {
        var random = SplitMix64(seed: 0, name: recording.source)
        return Int(random.next() % 5)
    }

    /// Fits to the recordings that `isTaught` allows. OpenBLAS must be loaded.
    package func fit(_ isTaught: (Recording) -> Bool) -> Fit {
        let taught = recordings.filter { isTaught($0) && !$0.vectors.isEmpty }
        let (mean, deviation) = Self.moments(of: taught)
        let size = mean.count
        var examples = MaskedRegression.Examples(size: size, classCount: settings.kinds.count + 1)
        for recording in taught {
            for vector in recording.vectors {
                for i in 0..<size { examples.inputs.append((vector[i] - mean[i]) / deviation[i]) }
                examples.targets += (0...settings.kinds.count).map { $0 == recording.kind ? 1 : 0 }
                examples.isKnown += repeatElement(true, count: settings.kinds.count + 1)
                // All sounds of a recording count together as one.
                examples.weights.append(1 / Float(recording.vectors.count))
            }
        }
        var trainer = HiddenHeadTrainer(
            settings.training,
            inputs: size,
            units: settings.hiddenCount,
            classes: settings.kinds.count + 1,
            seed: seed
        )
        return Fit(mean: mean, deviation: deviation, head: trainer.train { _ in examples })
    }

    private static func moments(of recordings: [Recording]) -> (mean: [Float], deviation: [Float]) {
        let size = recordings.first?.vectors.first?.count ?? 0
        var sums = Array(repeating: 0.0, count: size)
        var squares = sums
        var count = 0.0
        for vector in recordings.flatMap(\.vectors) {
            count += 1
            for i in 0..<size {
                sums[i] += Double(vector[i])
                squares[i] += Double(vector[i]) * Double(vector[i])
            }
        }
        let mean = sums.map { $0 / max(count, 1) }
        let deviation = squares.indices.map {
            Float(max(squares[$0] / max(count, 1) - mean[$0] * mean[$0], 1e-8).squareRoot())
        }
        return (mean.map(Float.init), deviation)
    }
}

extension VocalTrainer.Fit {
    /// The head for vectors that a population's mean and deviation have standardised.
    package func head(after mean: [Float], _ deviation: [Float]) -> ReadoutHead {
        guard let hidden = head.hidden else { return head }
        let size = mean.count
        var (weight, bias) = hidden
        for unit in bias.indices {
            for i in 0..<size {
                let value = hidden.weight[unit * size + i]
                weight[unit * size + i] = value * deviation[i] / self.deviation[i]
                bias[unit] += value * (mean[i] - self.mean[i]) / self.deviation[i]
            }
        }
        return ReadoutHead(hidden: (weight, bias), weight: head.weight, bias: head.bias)
    }

    /// Adds the head to a model's tensors.
    func add(to weights: inout NamedWeights) {
        guard let mean = weights["pool.mean"], let deviation = weights["pool.deviation"] else { return }
        let head = head(after: mean, deviation)
        weights["vocal.hidden.weight"] = head.hidden?.weight
        weights["vocal.hidden.bias"] = head.hidden?.bias
        weights["vocal.classes.weight"] = head.weight
        weights["vocal.classes.bias"] = head.bias
    }
}
