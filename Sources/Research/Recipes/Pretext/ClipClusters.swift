// SPDX-License-Identifier: Apache-2.0
import Corpora
import Training

/// The groups that k-means finds among the embeddings of an epoch's clips: pseudo-labels of DeepEmoCluster (Lin, Sridhar
/// & Busso 2021) for the product's trainer.
///
/// The paper clusters chunks; here a clip's chunks share the cluster of the clip, since each epoch draws its chunks again.
/// The network sees the clean copy as it stands outside of training, so that the varied copy it learns from is another.
struct ClipClusters: Sendable {
    private struct Key: Hashable {
        let set: Int
        let clip: Int
    }

    private var clusters: [Key: Int] = [:]

    /// No clusters.
    init() {}

    /// Groups every clip of `batches` but those of noise.
    init(
        _ batches: [[DrawnClip]],
        count: Int,
        in set: TrainingSet,
        _ network: EmotionNetwork<Float>,
        _ statistics: InputStatistics,
        using random: inout TrainingRandom
    ) {
        var keys: [Key] = []
        var embeddings: [Float] = []
        for draws in batches {
            let clean = draws.filter { $0.set < set.sets.count - 1 }.map {
                DrawnClip(set: $0.set, clip: $0.clip, copy: 0, frames: $0.frames)
            }
            guard !clean.isEmpty else { continue }
            let batch = PaddedBatch(
                clean.map(set.frames),
                normalised: statistics,
                stride: network.shape.stride
            )
            embeddings += network.forward(batch.input, views: [batch.input.mask]).pooled
            keys += clean.map { Key(set: $0.set, clip: $0.clip) }
        }
        guard !keys.isEmpty else { return }
        let means = KMeans(
            embeddings,
            columns: network.shape.width,
            clusters: count,
            random: &random
        )
        clusters = Dictionary(zip(keys, means.assignments)) { first, _ in first }
    }

    /// The cluster of a drawn clip; `nil` for noise and where there are no clusters.
    subscript(draw: DrawnClip) -> Int? { clusters[Key(set: draw.set, clip: draw.clip)] }
}
