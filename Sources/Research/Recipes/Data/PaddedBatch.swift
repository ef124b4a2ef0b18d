// SPDX-License-Identifier: Apache-2.0
package import Corpora
package import Training

/// Clips of different lengths as one block of numbers, with what each should teach.
///
/// B clips, T feature frames of the longest, F features; U embeddings, one for each `stride` frames, as the encoder
/// gives them: embedding u comes when frame u x stride arrives.
package struct PaddedBatch {
    /// The clips as they were, without padding.
    package let clips: [FeatureTable.Frames]
    /// Feature frames for each embedding.
    let stride: Int
    /// Input of the network.
    package let input: TrainingBatch<Float>
    /// Row-major [B, U]: 1 where the embedding's frame is speech.
    package let speech: [Float]
    /// Embeddings of each clip.
    package let embeddingCounts: [Int]

    package init(_ clips: [FeatureTable.Frames], normalised by: InputStatistics, stride: Int) {
        (self.clips, self.stride) = (clips, stride)
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

    /// The mask cut after a share of each clip's speech: what was heard at an earlier moment.
    ///
    /// A share of speech, not of the clip, because silence before the first word says nothing. Where there is no
    /// speech, the share is of the clip.
    package func prefix(_ shares: [Double]) -> [Float] {
        mask(
            of: shares.indices.map { clip in
                let marks = clips[clip].isSpeech
                let spoken = marks.indices.filter { marks[$0] }
                let heard = spoken.isEmpty ? Array(marks.indices) : spoken
                guard !heard.isEmpty else { return 0..<0 }
                return 0..<heard[min(heard.count - 1, Int(shares[clip] * Double(heard.count)))] + 1
            }
        )
    }

    /// The mask [B, U] of the embeddings whose frames lie in a stretch of each clip, in frames.
    package func mask(of stretches: [Range<Int>]) -> [Float] {
        let width = input.mask.count / max(1, input.count)
        var mask = Array(repeating: Float(0), count: input.mask.count)
        for (clip, stretch) in stretches.enumerated() {
            let first = (stretch.lowerBound + stride - 1) / stride
            let end = (stretch.upperBound + stride - 1) / stride
            for embedding in first..<max(first, min(end, embeddingCounts[clip])) {
                mask[clip * width + embedding] = 1
            }
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
