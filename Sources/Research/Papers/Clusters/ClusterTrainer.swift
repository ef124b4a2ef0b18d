// SPDX-License-Identifier: Apache-2.0
import Corpora
import Recipes
import Training

/// The epochs of DeepEmoCluster on one fold.
///
/// Each has an unlabelled stage, where there is unlabelled speech, and a labelled one. Both start the same
/// way: the current network computes features, k-means clusters them, a new layer classifies the clusters, and sampling
/// gives all clusters equal weight.
struct ClusterTrainer {
    let study: ClusterStudy
    let variant: ClusterStudy.Variant
    let chunks: DynamicChunks
    let sentences: Sentences
    let network: DeepEmoCluster<Float>
    private let optimiser: AdamW<Float>
    private var schedule: Schedule?
    var random: TrainingRandom
    private var clustersBefore: [Int]?
    /// Mutual information of the clusters of each epoch with emotions, speakers, sentences, places in the sentence, and the
    /// previous clusters.
    private(set) var information: [String: [Double]] = [:]

    init(
        _ study: ClusterStudy,
        _ variant: ClusterStudy.Variant,
        chunks: DynamicChunks,
        sentences: Sentences,
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

    /// A chunk, or the chunks of a sentence in order, with its label if known.
    struct Draw {
        let sentence: Int
        let chunks: Range<Int>
        let clusters: ArraySlice<Int>
    }

    /// Runs one epoch. Its labelled stage has as many steps as the whole labelled corpus needs, whatever share of labels is
    /// used, so that all shares have equally many. Returns the mean loss of the labelled stage.
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

    /// Clusters every chunk of `members` and creates a new layer that classifies the clusters.
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

    /// Batches with the number of chunks of the configured number of sentences.
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

    /// Omits a last batch of less than half the size, because batch normalisation needs several samples.
    private func batches(of draws: [Draw], size: Int) -> [[Draw]] {
        groups(of: draws, size: size).filter { $0.count * 2 >= min(size, draws.count) }
    }

    private func groups<Item>(of items: [Item], size: Int) -> [[Item]] {
        stride(from: 0, to: items.count, by: size).map { Array(items[$0..<min(items.count, $0 + size)]) }
    }
}
