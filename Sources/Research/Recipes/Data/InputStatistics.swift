// SPDX-License-Identifier: Apache-2.0
import Corpora
import EmotionEncoder

/// The fixed affine at the network's entrance: mean and inverse deviation of each feature over the speech of training.
///
/// Over speech alone, since the share of silence in a corpus says nothing about the silence that a daemon hears.
package struct InputStatistics: Sendable, Equatable {
    /// [featureCount].
    package let mean: [Float]
    /// [featureCount]; the inverse of the standard deviation.
    package let scale: [Float]

    /// Deviations below this are those of a feature that hardly moves, and are not blown up.
    private static let smallestDeviation = 0.1

    package init(mean: [Float], scale: [Float]) { (self.mean, self.scale) = (mean, scale) }

    /// Measures the given clips of each set, clean.
    init(of members: [(set: ClipSet, clips: [Int])], featureCount: Int) {
        var sums = Array(repeating: 0.0, count: featureCount)
        var squares = sums
        var count = 0.0
        for (set, clips) in members {
            for clip in clips {
                let frames = set.frames(ofClip: clip, copy: 0)
                for row in frames.isSpeech.indices where frames.isSpeech[row] {
                    count += 1
                    for column in 0..<featureCount {
                        let value = Double(frames.features[row * featureCount + column])
                        sums[column] += value
                        squares[column] += value * value
                    }
                }
            }
        }
        let frames = max(1, count)
        mean = sums.map { Float($0 / frames) }
        scale = sums.indices.map { column in
            let centre = sums[column] / frames
            let deviation = max(0, squares[column] / frames - centre * centre).squareRoot()
            return Float(1 / max(Self.smallestDeviation, deviation))
        }
    }

    /// Adds normalised frames to `rows`.
    func append(_ features: [Float], to rows: inout [Float]) {
        for start in stride(from: 0, to: features.count, by: mean.count) {
            for column in mean.indices {
                let value = (features[start + column] - mean[column]) * scale[column]
                rows.append(max(-EmotionEncoder.inputLimit, min(EmotionEncoder.inputLimit, value)))
            }
        }
    }
}
