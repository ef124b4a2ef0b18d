// SPDX-License-Identifier: Apache-2.0
import Corpora
import Recipes

/// The format of sentences for the lab's systems: cut to their speech, in frames longer than a hop, because recurrent
/// networks process whole sentences here.
struct SentenceFrames: Codable, Hashable, Sendable {
    /// Number of hops that are averaged into one frame.
    let hopsPerFrame: Int
    /// Number of hops kept before and after the speech.
    let marginHops: Int
    /// Number of neighbouring log-mel bands that are averaged into one, without the other features; 0 keeps a hop's
    /// features unchanged.
    let bandsTogether: Int

    var problem: String? {
        if !(1...100).contains(hopsPerFrame) { return "hopsPerFrame must be 1 to 100" }
        if !(0...1000).contains(marginHops) { return "marginHops must be 0 to 1000" }
        if !(0...80).contains(bandsTogether) { return "bandsTogether must be 0 to 80" }
        return nil
    }

    /// Values in a frame.
    func width(featureCount: Int, bandCount: Int) -> Int {
        bandsTogether == 0 ? featureCount : bandCount / bandsTogether
    }

    /// The frames of `clip` as row-major `[frames, width]`, at least one.
    func frames(_ set: ClipSet, clip: Int, copy: Int, bandCount: Int) -> [Float] {
        let whole = set.frames(ofClip: clip, copy: copy)
        let featureCount = set.tables[0].featureCount
        let tempo = set.tempo(ofClip: clip, copy: copy)
        let speech = set.speech[clip].isEmpty ? 0..<whole.frameCount : set.speech[clip]
        let first = max(0, Int(Double(speech.lowerBound - marginHops) / tempo))
        let end = min(whole.frameCount, Int(Double(speech.upperBound + marginHops) / tempo))
        var frames: [Float] = []
        for start in stride(from: first, to: max(first + 1, end - hopsPerFrame + 1), by: hopsPerFrame) {
            let hops = start..<min(whole.frameCount, start + hopsPerFrame)
            append(whole.features, hops, featureCount: featureCount, bandCount: bandCount, to: &frames)
        }
        return frames
    }

    private func append(
        _ features: [Float],
        _ hops: Range<Int>,
        featureCount: Int,
        bandCount: Int,
        to frames: inout [Float]
    ) {
        let together = max(1, bandsTogether)
        let scale = 1 / Float(hops.count * together)
        for column in 0..<width(featureCount: featureCount, bandCount: bandCount) {
            var sum: Float = 0
            for hop in hops {
                let row = hop * featureCount + column * together
                for index in row..<row + together { sum += features[index] }
            }
            frames.append(sum * scale)
        }
    }
}

/// Sentences in memory, normalised for one fold: zero mean and unit deviation over its training sentences, clipped
/// at three deviations, as in all of the lab's published code.
struct Sentences: Sendable {
    /// Values in a frame.
    let width: Int
    /// Frames by sentence and copy, row-major `[frames, width]`. Copy 0 is clean.
    private(set) var frames: [[[Float]]]
    private(set) var clips: [Clip]

    static let limit: Float = 3

    /// All clips of a set, not normalised.
    init(_ set: ClipSet, _ kind: SentenceFrames, bandCount: Int) {
        width = kind.width(featureCount: set.tables[0].featureCount, bandCount: bandCount)
        clips = set.clips
        frames = set.clips.indices.map { clip in
            set.tables.indices.map { kind.frames(set, clip: clip, copy: $0, bandCount: bandCount) }
        }
    }

    /// Adds the sentences of another set.
    mutating func append(_ other: Sentences) {
        precondition(width == other.width, "frames of \(other.width) values, not \(width)")
        frames += other.frames
        clips += other.clips
    }

    func frameCount(_ sentence: Int, copy: Int = 0) -> Int { frames[sentence][copy].count / width }

    /// Mean and deviation of each column over the clean copies of `sentences`.
    func moments(of sentences: [Int]) -> (mean: [Float], deviation: [Float]) {
        var (sums, squares, count) = (
            [Double](repeating: 0, count: width), [Double](repeating: 0, count: width), 0.0
        )
        for sentence in sentences {
            let frames = frames[sentence][0]
            count += Double(frames.count / width)
            for (index, value) in frames.enumerated() {
                sums[index % width] += Double(value)
                squares[index % width] += Double(value) * Double(value)
            }
        }
        let means = sums.map { $0 / max(1, count) }
        let deviations = zip(squares, means).map { max(1e-8, $0 / max(1, count) - $1 * $1).squareRoot() }
        return (means.map { Float($0) }, deviations.map { Float($0) })
    }

    /// The same sentences with every column normalised by `moments`.
    func normalised(by moments: (mean: [Float], deviation: [Float])) -> Sentences {
        var result = self
        for sentence in frames.indices {
            for copy in frames[sentence].indices {
                for index in frames[sentence][copy].indices {
                    let column = index % width
                    let value =
                        (frames[sentence][copy][index] - moments.mean[column]) / moments.deviation[column]
                    result.frames[sentence][copy][index] = max(-Self.limit, min(Self.limit, value))
                }
            }
        }
        return result
    }
}
