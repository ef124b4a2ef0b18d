// SPDX-License-Identifier: Apache-2.0
package import Corpora
package import Training

/// Clips of different lengths as one block of numbers, with what each should teach.
///
/// B clips, T feature frames of the longest, F features; U embeddings, one for each `stride` frames, as the encoder
/// gives them: embedding u comes when frame u x stride arrives.
package struct PaddedBatch {
    /// What the network takes.
    package let input: TrainingBatch<Float>
    /// Row-major [B, U]: 1 where the embedding's frame is speech.
    package let speech: [Float]
    /// Embeddings of each clip.
    package let embeddingCounts: [Int]

    package init(_ clips: [FeatureTable.Frames], normalised by: InputStatistics, stride: Int) {
        let longest = clips.map(\.frameCount).max() ?? 0
        let width = (longest + stride - 1) / stride
        let featureCount = by.mean.count
        var features: [Float] = []
        features.reserveCapacity(clips.count * longest * featureCount)
        var speech = Array(repeating: Float(0), count: clips.count * width)
        var mask = speech
        for (index, clip) in clips.enumerated() {
            by.append(clip.features, to: &features)
            features += repeatElement(0, count: (longest - clip.frameCount) * featureCount)
            for (embedding, frame) in Swift.stride(from: 0, to: clip.frameCount, by: stride).enumerated() {
                mask[index * width + embedding] = 1
                speech[index * width + embedding] = clip.isSpeech[frame] ? 1 : 0
            }
        }
        input = TrainingBatch(count: clips.count, frames: longest, features: features, mask: mask)
        self.speech = speech
        embeddingCounts = clips.map { ($0.frameCount + stride - 1) / stride }
    }

    /// The mask cut after a share of each clip's embeddings, at least one: what was heard at an earlier moment.
    package func prefix(_ shares: [Double]) -> [Float] {
        let width = input.mask.count / max(1, input.count)
        var mask = input.mask
        for (clip, share) in shares.enumerated() {
            let kept = max(1, Int(share * Double(embeddingCounts[clip])))
            for embedding in min(kept, width)..<width { mask[clip * width + embedding] = 0 }
        }
        return mask
    }
}

extension FeatureTable.Frames {
    /// Some of the frames.
    func cut(to range: Range<Int>, featureCount: Int) -> FeatureTable.Frames {
        FeatureTable.Frames(
            features: Array(features[range.lowerBound * featureCount..<range.upperBound * featureCount]),
            isSpeech: Array(isSpeech[range]),
            energy: Array(energy[range])
        )
    }
}
