// SPDX-License-Identifier: Apache-2.0
package import Training

/// Which chunks of a clip should lie near each other: the triplet form of DeepEmoCluster (Lin & Busso 2024), whose
/// chunks have numbers, for chunks that are drawn anywhere.
package enum ChunkTriplets {
    /// For every clip its first chunk, the one that begins nearest to it, and the one that begins farthest, if that is
    /// farther by more than `farther` frames.
    ///
    /// - Parameter starts: the first frame of each chunk, [chunks, B]; the chunks follow the view of whole clips.
    package static func triplets(_ starts: [[Int]], farther: Int) -> [Triplet] {
        guard let first = starts.first, starts.count > 2 else { return [] }
        return first.indices.compactMap { clip in
            let others = starts.indices.dropFirst().sorted {
                abs(starts[$0][clip] - first[clip]) < abs(starts[$1][clip] - first[clip])
            }
            guard let near = others.first, let far = others.last,
                abs(starts[far][clip] - first[clip]) > abs(starts[near][clip] - first[clip]) + farther
            else { return nil }
            let row = { (view: Int) in (view + 1) * first.count + clip }
            return Triplet(anchor: row(0), positive: row(near), negative: row(far))
        }
    }
}
