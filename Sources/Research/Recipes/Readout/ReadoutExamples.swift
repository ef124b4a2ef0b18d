// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation

/// Collects what a read-out learns from: pooled vectors, standardised by the population and by drawn earlier utterances.
struct ReadoutExamples {
    /// The clips of one corpus that may teach.
    struct Part {
        let corpus: Recipe.Readout.Corpus
        /// The clean clips first, then the varied copies, in the same order of clips.
        let copies: [PooledClips]
        /// The places of the clips that may teach.
        let clips: [Int]
    }

    private let readout: Recipe.Readout
    private let shrinkage: VoiceShrinkage
    private(set) var examples: MaskedRegression.Examples
    private var random: SplitMix64

    /// - Parameters:
    ///   - readout: what is drawn, and how much it counts.
    ///   - shrinkage: the population.
    ///   - seed: what the draws begin with.
    init(_ readout: Recipe.Readout, shrinkage: VoiceShrinkage, seed: UInt64) {
        (self.readout, self.shrinkage) = (readout, shrinkage)
        random = SplitMix64(seed: seed, name: "readout")
        examples = MaskedRegression.Examples(size: shrinkage.mean.count, classCount: Emotion.allCases.count)
    }

    /// Adds every clip of `part`: the whole, its beginnings and its copies, and the whole after earlier utterances.
    mutating func add(_ part: Part) {
        let weights = clipWeights(part)
        for (copy, pooled) in part.copies.enumerated() {
            let copyWeight = copy == 0 ? 1 : readout.copyWeight
            for view in 0..<pooled.viewCount {
                let isWhole = view == pooled.viewCount - 1
                for clip in part.clips where pooled.isKnown[clip * pooled.viewCount + view] {
                    let weight = weights[clip] * copyWeight * (isWhole ? 1 : readout.momentWeight)
                    add(clip, view: view, of: pooled, weight: weight, earlier: [])
                }
            }
        }
        addDraws(part, weights)
    }

    /// Adds every clip of `part` once, in a variant that is drawn as the recipe says.
    mutating func addOneVariant(of part: Part, _ hidden: Recipe.Readout.Hidden) {
        guard let clean = part.copies.first else { return }
        let weights = clipWeights(part)
        let earlier = EarlierUtterances(of: clean.clips)
        for clip in part.clips {
            let isClean = part.copies.count == 1 || random.happens(hidden.cleanShare)
            let pooled = part.copies[isClean ? 0 : Int.random(in: 1..<part.copies.count, using: &random)]
            var view = pooled.viewCount - 1
            if view > 0, !random.happens(hidden.wholeShare) {
                view = Int.random(in: 0..<view, using: &random)
            }
            if !pooled.isKnown[clip * pooled.viewCount + view] { view = pooled.viewCount - 1 }
            var list: [Int] = []
            if let voice = readout.voice, !random.happens(hidden.unknownShare) {
                let count = Int.random(in: 1...voice.longest, using: &random)
                list = earlier.draw(
                    for: clip,
                    count: count,
                    composition: composition(voice),
                    seed: random.next()
                )
            }
            add(clip, view: view, of: pooled, weight: weights[clip], earlier: list)
        }
    }

    private mutating func addDraws(_ part: Part, _ weights: [Float]) {
        guard let voice = readout.voice, let clean = part.copies.first else { return }
        let earlier = EarlierUtterances(of: clean.clips)
        for draw in 0..<voice.draws {
            let pooled = part.copies[draw % part.copies.count]
            let copyWeight = draw % part.copies.count == 0 ? 1 : readout.copyWeight
            for clip in part.clips {
                let count = Int.random(in: 1...voice.longest, using: &random)
                let list = earlier.draw(
                    for: clip,
                    count: count,
                    composition: composition(voice),
                    seed: random.next()
                )
                let weight = weights[clip] * copyWeight
                add(clip, view: pooled.viewCount - 1, of: pooled, weight: weight, earlier: list)
            }
        }
    }

    private mutating func composition(_ voice: Recipe.Readout.Voice) -> VoiceCondition.Composition {
        let share = Double.random(in: 0..<1, using: &random)
        if share < voice.neutralShare { return .mostlyNeutral }
        return share < voice.neutralShare + voice.sameShare ? .oneEmotion : .mixed
    }

    private mutating func add(_ clip: Int, view: Int, of pooled: PooledClips, weight: Float, earlier: [Int]) {
        guard weight > 0, let target = target(pooled.clips[clip], pooled.classes) else { return }
        let start = examples.inputs.count
        examples.inputs += repeatElement(0, count: examples.size)
        let size = examples.size
        examples.inputs.withUnsafeMutableBufferPointer { inputs in
            shrinkage.standardise(
                pooled,
                clip: clip,
                view: view,
                earlier: earlier,
                into: UnsafeMutableBufferPointer(rebasing: inputs[start..<start + size])
            )
        }
        examples.targets += target
        examples.isKnown += pooled.classes.isPresent
        examples.weights.append(weight)
    }

    /// The intended emotion mixed with the listeners' votes, smoothed over the classes of the corpus; nil without both.
    private func target(_ clip: Clip, _ classes: ClassMask) -> [Float]? {
        guard let emotion = clip.emotion else { return nil }
        let known = Float(classes.labels.count)
        let votes = clip.votes?.counts ?? []
        let total = votes.reduce(0, +)
        return classes.isPresent.indices.map { label in
            guard classes.isPresent[label] else { return 0 }
            let intended: Float = label == emotion.rawValue ? 1 : 0
            let share = total > 0 ? readout.voteShare : 0
            let heard = total > 0 ? Float(votes[label]) / Float(total) : 0
            let hard = (1 - share) * intended + share * heard
            return (1 - readout.labelSmoothing) * hard + readout.labelSmoothing / known
        }
    }

    /// [clips of the corpus]: together the weight of the corpus, balanced by class as the recipe says.
    private func clipWeights(_ part: Part) -> [Float] {
        guard let clips = part.copies.first?.clips else { return [] }
        var counts = Array(repeating: 0.0, count: Emotion.allCases.count)
        for clip in part.clips { if let emotion = clips[clip].emotion { counts[emotion.rawValue] += 1 } }
        let present = counts.filter { $0 > 0 }
        let even = present.reduce(0, +) / Double(max(1, present.count))
        var weights = Array(repeating: 0.0, count: clips.count)
        for clip in part.clips {
            if let emotion = clips[clip].emotion { weights[clip] = power(even / counts[emotion.rawValue]) }
        }
        let sum = weights.reduce(0, +)
        return weights.map { Float($0 / max(sum, 1e-9) * part.corpus.weight) }
    }

    private func power(_ ratio: Double) -> Double { exp(readout.classBalance * log(ratio)) }
}

extension VoiceShrinkage {
    /// A clip's vector at a view, standardised by the population and by whole earlier clips of the same corpus.
    func standardise(
        _ pooled: PooledClips,
        clip: Int,
        view: Int,
        earlier: [Int],
        into output: UnsafeMutableBufferPointer<Float>
    ) {
        pooled.withVectors { vector in
            standardise(
                vector(clip, view),
                earlier: earlier.map { vector($0, pooled.viewCount - 1) },
                into: output
            )
        }
    }
}
