// SPDX-License-Identifier: Apache-2.0
package import Corpora
import Training

/// Pooled vectors of the clips of one corpus: at the end of each clip and after some seconds of its speech.
package struct PooledClips: Sendable {
    /// The clips, in the order of the vectors.
    package let clips: [Clip]
    /// Classes that the corpus knows.
    package let classes: ClassMask
    /// Numbers in a vector.
    package let size: Int
    /// Vectors of each clip: one for each moment, then the whole.
    package let viewCount: Int
    /// Row-major [clips, views, size].
    package private(set) var values: [Float]
    /// [clips, views]: whether the clip has so much speech.
    package private(set) var isKnown: [Bool]

    /// Pools the clips of `set` in one copy by a frozen network, outside of training.
    ///
    /// - Parameters:
    ///   - set: a corpus.
    ///   - copy: which of its tables.
    ///   - network: the frozen encoder.
    ///   - statistics: normalisation of its input.
    ///   - momentsSeconds: seconds of speech after which beginnings are pooled.
    ///   - framesPerSecond: of feature frames.
    init(
        _ set: ClipSet,
        copy: Int,
        network: EmotionNetwork<Float>,
        statistics: InputStatistics,
        momentsSeconds: [Double],
        framesPerSecond: Double
    ) {
        clips = set.clips
        classes = set.classes
        viewCount = momentsSeconds.count + 1
        size = network.shape.pooledCount
        values = Array(repeating: 0, count: clips.count * viewCount * size)
        isKnown = Array(repeating: true, count: clips.count * viewCount)
        let order = clips.indices.sorted {
            set.tables[copy].frameCounts[$0] < set.tables[copy].frameCounts[$1]
        }
        for start in stride(from: 0, to: order.count, by: Self.batchClips) {
            let rows = Array(order[start..<min(start + Self.batchClips, order.count)])
            let batch = PaddedBatch(
                rows.map { set.frames(ofClip: $0, copy: copy) },
                normalised: statistics,
                stride: network.shape.stride
            )
            var views: [[Float]] = []
            for (view, seconds) in momentsSeconds.enumerated() {
                let wanted = Int(seconds * framesPerSecond)
                views.append(batch.beginnings(speechFrames: wanted))
                for (row, clip) in rows.enumerated() {
                    isKnown[clip * viewCount + view] = batch.clips[row].isSpeech.count { $0 } > wanted
                }
            }
            views.append(batch.input.mask)
            keep(network.forward(batch.input, views: views).pooled, of: rows)
        }
    }

    private static let batchClips = 32

    /// Takes `pooled` [views, rows, size] apart.
    private mutating func keep(_ pooled: [Float], of rows: [Int]) {
        for view in 0..<viewCount {
            for (row, clip) in rows.enumerated() {
                let source = (view * rows.count + row) * size
                let place = (clip * viewCount + view) * size
                values.replaceSubrange(place..<place + size, with: pooled[source..<source + size])
            }
        }
    }

    /// Calls `body` with a function that gives the vector [size] of a clip at a view; the last view is the whole clip.
    func withVectors<R>(_ body: ((_ clip: Int, _ view: Int) -> UnsafeBufferPointer<Float>) -> R) -> R {
        values.withUnsafeBufferPointer { all in
            body { clip, view in
                let start = (clip * viewCount + view) * size
                return UnsafeBufferPointer(rebasing: all[start..<start + size])
            }
        }
    }
}

extension PaddedBatch {
    /// The mask [B, U] of what was heard when each clip had so many frames of speech; the whole clip where it has fewer.
    func beginnings(speechFrames: Int) -> [Float] {
        mask(
            of: clips.map { clip in
                var heard = 0
                let end = clip.isSpeech.firstIndex { isSpeech in
                    heard += isSpeech ? 1 : 0
                    return heard >= speechFrames
                }
                return 0..<(end.map { $0 + 1 } ?? clip.frameCount)
            }
        )
    }
}
