// SPDX-License-Identifier: Apache-2.0
import Corpora
import Recipes
import Training

/// The epochs of DeepEmoCluster on one fold.
///
/// Each has an unlabelled stage, where there is unlabelled speech, and a labelled one. Both begin alike: the network as
/// it stands gives features, k-means groups them, a fresh layer names the groups, and draws make all groups count alike.
struct ClusterTrainer {
    private let study: ClusterStudy
    private let variant: ClusterStudy.Variant
    private let chunks: DynamicChunks
    private let sentences: Sentences
    private let network: DeepEmoCluster<Float>
    private let optimiser: AdamW<Float>
    private var schedule: Schedule?
    private var random: TrainingRandom
    private var clustersBefore: [Int]?
    /// What the clusters of each epoch tell of emotions, speakers, sentences, places in the sentence, and the clusters
    /// before.
    private var information: [String: [Double]] = [:]

    init(
        _ study: ClusterStudy,
        _ variant: ClusterStudy.Variant,
        _ chunks: DynamicChunks,
        _ sentences: Sentences,
        seed: UInt64
    ) {
        (self.study, self.variant, self.chunks, self.sentences) = (study, variant, chunks, sentences)
        random = TrainingRandom(seed: seed)
        let shape = DeepEmoCluster<Float>.Shape(
            rows: chunks.length,
            columns: sentences.width,
            channels: study.network.channels,
            width: study.network.width,
            clusters: study.network.clusters,
            outputs: variant.attribute == nil ? Emotion.allCases.count : 1,
            context: variant.context,
            dropout: variant.hasTriplets ? 0 : study.network.dropout
        )
        network = DeepEmoCluster(shape, random: &random)
        optimiser = study.fitting.optimiser(network.parameters)
    }

    /// A chunk, or the chunks of a sentence in order, and what is known of it.
    private struct Draw {
        let sentence: Int
        let chunks: Range<Int>
        let clusters: ArraySlice<Int>
    }

    /// One pass over as much as there is labelled speech in the whole corpus, whatever share of it is labelled here, so
    /// that all shares have as many steps. Returns the mean loss of the labelled stage.
    mutating func runEpoch(labelled: [Int], unlabelled: [Int]) -> Double {
        let epochSentences = sentences.clips.count {
            $0.emotion != nil && $0.corpus == sentences.clips.first?.corpus
        }
        let chosen = Array(
            unlabelled.shuffled(using: &random).prefix(study.unlabelled.sentencesPerEpoch)
        )
        if schedule == nil {
            let steps = (epochSentences + chosen.count) / study.fitting.batchSentences
            schedule = study.fitting.schedule(stepsPerEpoch: max(1, steps))
        }
        if !chosen.isEmpty {
            _ = runStage(chosen, clusters: cluster(chosen), count: chosen.count, isLabelled: false)
        }
        let clusters = variant.clusterWeight > 0 ? cluster(labelled) : nil
        if let clusters { note(clusters, labelled) }
        return runStage(labelled, clusters: clusters, count: epochSentences, isLabelled: true)
    }

    /// The cluster of every chunk of `members`, and a fresh layer for their names.
    private mutating func cluster(_ members: [Int]) -> [Int] {
        let features = groups(of: members, size: 64).flatMap { group in
            network.forward(
                group.flatMap { chunks.cut(sentences.frames[$0][0], width: sentences.width) },
                sentences: group.count
            ).features
        }
        let means = KMeans(
            features,
            columns: study.network.width,
            clusters: study.network.clusters,
            random: &random
        )
        network.forgetClusters(random: &random)
        return means.assignments
    }

    private mutating func note(_ clusters: [Int], _ labelled: [Int]) {
        let clips = labelled.flatMap { Array(repeating: sentences.clips[$0], count: chunks.count) }
        let known: [(name: String, groups: [String]?)] = [
            ("emotions", clips.map { $0.emotion?.name ?? "" }), ("speakers", clips.map { $0.speaker ?? "" }),
            ("sentences", clips.map { $0.sentence ?? "" }),
            ("places", clusters.indices.map { String($0 % chunks.count) }),
            ("the epoch before", clustersBefore.map { $0.map(String.init) }),
        ]
        for (name, groups) in known {
            guard let groups else { continue }
            information["NMI with " + name, default: []]
                .append(MutualInformation.normalised(groups, clusters.map(String.init)))
        }
        clustersBefore = clusters
    }

    private mutating func runStage(
        _ members: [Int],
        clusters: [Int]?,
        count: Int,
        isLabelled: Bool
    ) -> Double {
        var settings = AdamW<Float>.Settings()
        (settings.weightDecay, settings.averageDecay) = (0, 0)
        let naming = AdamW(network.clusterParameters, settings)
        let batches = draws(members, clusters, count).map { draws in
            step(draws, naming, isLabelled: isLabelled)
        }
        return batches.reduce(0, +) / Double(max(1, batches.count))
    }

    /// Batches of as many chunks as their number of sentences has.
    private mutating func draws(_ members: [Int], _ clusters: [Int]?, _ count: Int) -> [[Draw]] {
        let n = chunks.count
        let clusters = clusters ?? Array(repeating: 0, count: members.count * n)
        switch variant.sampling {
        case .sentences:
            let places = UniformSampling.sentences(
                clusters,
                chunksPerSentence: n,
                count: count,
                using: &random
            )
            let draws = places.map {
                Draw(sentence: members[$0], chunks: 0..<n, clusters: clusters[$0 * n..<($0 + 1) * n])
            }
            return batches(of: draws, size: study.fitting.batchSentences)
        case .chunks:
            let places = UniformSampling.places(clusters, count: count * n, using: &random)
            let draws = places.map {
                Draw(sentence: members[$0 / n], chunks: $0 % n..<$0 % n + 1, clusters: clusters[$0...$0])
            }
            return batches(of: draws, size: study.fitting.batchSentences * n)
        }
    }

    private mutating func step(_ draws: [Draw], _ naming: AdamW<Float>, isLabelled: Bool) -> Double {
        let perDraw = draws[0].chunks.count
        let inputs = draws.flatMap { input(of: $0) }
        let output = network.forward(inputs, sentences: draws.count, random: &random)
        let clusters = weighted(
            variant.clusterWeight,
            crossEntropy(
                output.clusterLogits,
                draws.flatMap(\.clusters),
                study.network.clusters,
                smoothing: 0
            )
        )
        let emotions = isLabelled ? emotionLoss(output.emotions, draws) : nil
        let triplets = variant.hasTriplets ? tripletLoss(output.embeddings, perDraw) : nil
        network.parameters.clearGradients()
        network.clusterParameters.clearGradients()
        network.backward(
            clusters: clusters.gradient,
            emotions: emotions?.gradient,
            embeddings: triplets?.gradient
        )
        _ = optimiser.step(learningRate: schedule?.learningRate(at: optimiser.stepCount) ?? 0)
        _ = naming.step(learningRate: study.clusterLearningRate)
        return Double(clusters.loss + (emotions?.loss ?? 0) + (triplets?.loss ?? 0))
    }

    private mutating func input(of draw: Draw) -> [Float] {
        let copies = sentences.frames[draw.sentence]
        let copy =
            copies.count == 1 || random.unit() < study.fitting.cleanShare
            ? 0 : Int.random(in: 1..<copies.count, using: &random)
        let all = chunks.cut(copies[copy], width: sentences.width)
        let size = chunks.length * sentences.width
        return Array(all[draw.chunks.lowerBound * size..<draw.chunks.upperBound * size])
    }

    private typealias Loss = (loss: Float, gradient: [Float])

    private func weighted(_ weight: Float, _ loss: Loss) -> Loss {
        (weight * loss.loss, loss.gradient.map { weight * $0 })
    }

    private func crossEntropy(_ logits: [Float], _ truths: [Int], _ classes: Int, smoothing: Float) -> Loss {
        var gradient = logits
        let hard = truths.flatMap { truth in (0..<classes).map { $0 == truth ? Float(1) : 0 } }
        let loss = Losses.crossEntropy(
            logits: logits,
            targets: Losses.smoothed(hard, classes: classes, by: smoothing),
            classWeights: [Float](repeating: 1, count: classes),
            gradient: &gradient
        )
        return (loss, gradient)
    }

    /// Of every chunk, with the label of its sentence: cross entropy, or 1 - CCC over the chunks whose number is known.
    private func emotionLoss(_ outputs: [Float], _ draws: [Draw]) -> Loss {
        let clips = draws.flatMap { draw in draw.chunks.map { _ in sentences.clips[draw.sentence] } }
        guard let attribute = variant.attribute else {
            return crossEntropy(
                outputs,
                clips.map { $0.emotion?.rawValue ?? 0 },
                Emotion.allCases.count,
                smoothing: study.fitting.labelSmoothing
            )
        }
        let known = clips.indices.filter { clips[$0].attributes[attribute] != nil }
        var slopes = [Float](repeating: 0, count: known.count)
        let loss = Losses.concordance(
            predictions: known.map { outputs[$0] },
            targets: known.map { Float(clips[$0].attributes[attribute] ?? 0) },
            gradient: &slopes
        )
        var gradient = [Float](repeating: 0, count: outputs.count)
        for (slope, row) in zip(slopes, known) { gradient[row] = slope }
        return (loss, gradient)
    }

    /// Some triples of chunk numbers, each for every sentence of the batch.
    private mutating func tripletLoss(_ embeddings: [Float], _ perSentence: Int) -> Loss {
        let near = study.triplets.neighbourhood
        var triplets: [Triplet] = []
        let rows = embeddings.count / study.network.width
        for _ in 0..<study.triplets.draws {
            let anchor = Int.random(in: 0..<perSentence, using: &random)
            let others = (0..<perSentence).filter { $0 != anchor }
            let positives = others.filter { abs($0 - anchor) <= near }
            let negatives = others.filter { abs($0 - anchor) > near }
            guard let positive = positives.randomElement(using: &random),
                let negative = negatives.randomElement(using: &random)
            else { continue }
            triplets += stride(from: 0, to: rows, by: perSentence).map {
                Triplet(anchor: $0 + anchor, positive: $0 + positive, negative: $0 + negative)
            }
        }
        var gradient = [Float](repeating: 0, count: embeddings.count)
        let loss = Losses.tripletMargin(
            embeddings,
            columns: study.network.width,
            triplets,
            margin: study.triplets.margin,
            gradient: &gradient
        )
        return (loss, gradient)
    }

    /// The answers for `test`: the class of the highest mean probability over the chunks, or the concordance of the mean
    /// number.
    func judge(_ test: [Int]) -> Judgement {
        var judgement = Judgement()
        var (answers, truths): ([Float], [Float]) = ([], [])
        for sentence in test {
            let input = chunks.cut(sentences.frames[sentence][0], width: sentences.width)
            let outputs = network.forward(input, sentences: 1).emotions
            if let attribute = variant.attribute {
                guard let truth = sentences.clips[sentence].attributes[attribute] else { continue }
                truths.append(Float(truth))
                answers.append(outputs.reduce(0, +) / Float(outputs.count))
            } else {
                judgement.add(sentences.clips[sentence], answer: likeliest(outputs))
            }
        }
        if variant.attribute != nil {
            var ignored = answers
            let loss = Losses.concordance(predictions: answers, targets: truths, gradient: &ignored)
            judgement.figures["CCC"] = Double(1 - loss)
        }
        judgement.figures["weights"] = Double(network.parameters.count + network.clusterParameters.count)
        for (name, epochs) in information { judgement.figures[name] = epochs.last }
        judgement.series = information
        return judgement
    }

    private func likeliest(_ logits: [Float]) -> Int {
        let classes = Emotion.allCases.count
        var sums = [Float](repeating: 0, count: classes)
        for start in stride(from: 0, to: logits.count, by: classes) {
            for (label, share) in Losses.softmax(logits[start..<start + classes]).enumerated() {
                sums[label] += share
            }
        }
        return sums.indices.max { sums[$0] < sums[$1] } ?? 0
    }

    /// Batch normalisation needs company: a last batch of less than half is left out.
    private func batches(of draws: [Draw], size: Int) -> [[Draw]] {
        groups(of: draws, size: size).filter { $0.count * 2 >= min(size, draws.count) }
    }

    private func groups<Item>(of items: [Item], size: Int) -> [[Item]] {
        stride(from: 0, to: items.count, by: size).map { Array(items[$0..<min(items.count, $0 + size)]) }
    }
}
