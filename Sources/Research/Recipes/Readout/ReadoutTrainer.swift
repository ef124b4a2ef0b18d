// SPDX-License-Identifier: Apache-2.0
import Corpora
import EmotionEncoder
import Foundation
import MatrixProducts
import ModelBundle
import Training

/// The pooled vectors of all corpora of a read-out, and the read-outs that are fitted to parts of them.
///
/// The encoder is frozen and no speaker of a judged corpus taught it, so one set of vectors serves every fold.
struct ReadoutTrainer {
    /// One fitted read-out.
    struct Fit {
        let shrinkage: VoiceShrinkage
        var temperature: Float = 1
        let head: ReadoutHead
    }

    let recipe: Recipe
    let readout: Recipe.Readout
    /// The corpora in the order of the recipe: clean clips first, then the copies.
    private(set) var pooled: [[PooledClips]] = []
    private(set) var corpora: [Recipe.Readout.Corpus] = []
    private let network: EmotionNetwork<Float>
    private let statistics: InputStatistics
    private let framesPerSecond: Double

    init(
        _ recipe: Recipe,
        _ readout: Recipe.Readout,
        network: EmotionNetwork<Float>,
        statistics: InputStatistics,
        framesPerSecond: Double
    ) {
        (self.recipe, self.readout, self.network, self.statistics) = (recipe, readout, network, statistics)
        self.framesPerSecond = framesPerSecond
    }

    /// Pools a corpus that teaches.
    mutating func add(_ corpus: Recipe.Readout.Corpus, _ set: ClipSet) {
        corpora.append(corpus)
        pooled.append(set.tables.indices.map { pool(set, copy: $0) })
    }

    /// Classes that some corpus of the read-out knows, ascending: the labels of its models.
    var classes: [Int] {
        Emotion.allCases.map(\.rawValue).filter { label in pooled.contains { $0[0].classes.isPresent[label] }
        }
    }

    /// Pools a corpus in one copy.
    func pool(_ set: ClipSet, copy: Int) -> PooledClips {
        PooledClips(
            set,
            copy: copy,
            network: network,
            statistics: statistics,
            momentsSeconds: readout.momentsSeconds,
            framesPerSecond: framesPerSecond
        )
    }

    /// Fits to the clips that `isTaught` allows; each corpus without such a clip is left out.
    func fit(_ isTaught: (Recipe.Readout.Corpus, Clip) -> Bool) -> Fit {
        let parts = corpora.indices.compactMap { index -> ReadoutExamples.Part? in
            let clips = pooled[index][0].clips
            let taught = clips.indices.filter { isTaught(corpora[index], clips[$0]) }
            return taught.isEmpty ? nil : .init(corpus: corpora[index], copies: pooled[index], clips: taught)
        }
        let shrinkage = population(of: parts)
        let head = readout.hidden.map { hiddenHead($0, parts, shrinkage) } ?? linearHead(parts, shrinkage)
        return Fit(shrinkage: shrinkage, head: head)
    }

    private func linearHead(_ parts: [ReadoutExamples.Part], _ shrinkage: VoiceShrinkage) -> ReadoutHead {
        var examples = ReadoutExamples(readout, shrinkage: shrinkage, seed: recipe.seed)
        for part in parts { examples.add(part) }
        let found = MaskedRegression(examples.examples, penalty: readout.penalty)
        return ReadoutHead(weight: found.weight, bias: found.bias)
    }

    private func hiddenHead(
        _ settings: Recipe.Readout.Hidden,
        _ parts: [ReadoutExamples.Part],
        _ shrinkage: VoiceShrinkage
    ) -> ReadoutHead {
        var trainer = HiddenHeadTrainer(
            settings,
            inputs: shrinkage.mean.count,
            units: recipe.network.hiddenCount,
            classes: Emotion.allCases.count,
            seed: recipe.seed
        )
        return trainer.train { epoch in
            let seed = recipe.seed &+ UInt64(epoch) &* 0x9E37_79B9
            var examples = ReadoutExamples(readout, shrinkage: shrinkage, seed: seed)
            for part in parts { examples.addOneVariant(of: part, settings) }
            return examples.examples
        }
    }

    /// Mean and deviation of the whole clean clips; each corpus counts as its weight says.
    private func population(of parts: [ReadoutExamples.Part]) -> VoiceShrinkage {
        let size = pooled.first?.first?.size ?? 0
        var (sum, square, total) = (
            Array(repeating: 0.0, count: size), Array(repeating: 0.0, count: size), 0.0
        )
        for part in parts {
            let clean = part.copies[0]
            let weight = part.corpus.weight / Double(part.clips.count)
            total += part.corpus.weight
            clean.withVectors { vector in
                for clip in part.clips {
                    let values = vector(clip, clean.viewCount - 1)
                    for column in 0..<size {
                        let value = Double(values[column])
                        sum[column] += weight * value
                        square[column] += weight * value * value
                    }
                }
            }
        }
        let mean = sum.map { $0 / max(total, 1e-9) }
        return VoiceShrinkage(
            mean: mean.map(Float.init),
            deviation: square.indices.map { column in
                let variance = square[column] / max(total, 1e-9) - mean[column] * mean[column]
                return Float(max(variance, 1e-8).squareRoot())
            },
            priorMean: readout.voice?.priorMean ?? 1,
            priorDeviation: readout.voice?.priorDeviation ?? 1
        )
    }
}

extension ReadoutTrainer.Fit {
    /// Logits [K] of a clip at a view after earlier clips of the same corpus.
    func logits(_ pooled: PooledClips, clip: Int, view: Int, earlier: [Int] = []) -> [Float] {
        let size = shrinkage.mean.count
        var input = Array(repeating: Float(0), count: size)
        input.withUnsafeMutableBufferPointer { input in
            shrinkage.standardise(pooled, clip: clip, view: view, earlier: earlier, into: input)
        }
        return head.logits(input)
    }

    /// Probabilities [K] of a clip at a view after earlier clips of the same corpus.
    func probabilities(_ pooled: PooledClips, clip: Int, view: Int, earlier: [Int]) -> [Double] {
        let scaled = logits(pooled, clip: clip, view: view, earlier: earlier).map { Double($0 / temperature) }
        let top = scaled.max() ?? 0
        let powers = scaled.map { exp($0 - top) }
        let sum = powers.reduce(0, +)
        return powers.map { $0 / sum }
    }

    /// The tensors of the model that the read-out adds to the encoder's, with the rows of `classes` alone.
    func add(to weights: inout NamedWeights, classes: [Int]) {
        let size = head.weight.count / head.bias.count
        weights["pool.mean"] = shrinkage.mean
        weights["pool.deviation"] = shrinkage.deviation
        if let hidden = head.hidden { (weights["hidden.weight"], weights["hidden.bias"]) = hidden }
        weights["classes.weight"] = classes.flatMap { head.weight[$0 * size..<($0 + 1) * size] }
        weights["classes.bias"] = classes.map { head.bias[$0] }
    }
}
