// SPDX-License-Identifier: Apache-2.0

/// Chunks of one length, the same number for every sentence; the overlap depends on the sentence's duration
/// (Lin & Busso, Interspeech 2020, and TAFFC 14(2), 2023; the arithmetic of their published code).
///
///     C = ceil(Tmax / Wc)   N = n C   step = floor((T - m) / (N - 1))   start_i = i step
///
/// T frames of the sentence, m of a chunk, Tmax the longest sentence and Wc the chunk in seconds, n a small whole
/// number. Because the step is truncated, up to N - 2 frames at the end are not used. The published code rejects T < m;
/// here such a sentence is extended by reflection, and the study counts these sentences.
public struct DynamicChunks: Sendable, Equatable {
    /// m: frames in a chunk.
    public let length: Int
    /// N: chunks of a sentence.
    public let count: Int

    /// - Parameters:
    ///   - longestSeconds: Tmax.
    ///   - windowSeconds: Wc.
    ///   - framesPerSecond: of the model's own frames.
    ///   - scale: n.
    public init(longestSeconds: Double, windowSeconds: Double, framesPerSecond: Double, scale: Int) {
        length = max(1, Int((windowSeconds * framesPerSecond).rounded()))
        count = max(1, scale * Int((longestSeconds / windowSeconds).rounded(.up)))
    }

    /// `count` chunks of `length` frames.
    public init(length: Int, count: Int) { (self.length, self.count) = (length, count) }

    /// Frames from one chunk's start to the next in a sentence of `frames` frames, at least `length`; more than `length` if
    /// there are gaps.
    public func step(frames: Int) -> Int { count > 1 ? max(0, frames - length) / (count - 1) : 0 }

    /// The first frame of each chunk.
    public func starts(frames: Int) -> [Int] {
        let step = step(frames: frames)
        return (0..<count).map { $0 * step }
    }

    /// The frame indices of every chunk of a sentence of `frames` frames, `[count, length]`.
    ///
    /// A sentence shorter than a chunk is reflected at its last and first frames.
    public func places(frames: Int) -> [Int] {
        guard frames < length else {
            return starts(frames: frames).flatMap { $0..<$0 + length }
        }
        let once = (0..<length).map { Self.reflected($0, frames: frames) }
        return (0..<count).flatMap { _ in once }
    }

    /// Frame `index` of a sentence that is extended by reflection: 0 1 2 1 0 1 ... for three frames.
    private static func reflected(_ index: Int, frames: Int) -> Int {
        guard frames > 1 else { return 0 }
        let round = 2 * (frames - 1)
        return min(index % round, round - index % round)
    }
}

extension DynamicChunks {
    /// The chunks of a sentence `[frames, width]`, as `[count, length, width]`.
    func cut(_ frames: [Float], width: Int) -> [Float] {
        var chunks: [Float] = []
        chunks.reserveCapacity(count * length * width)
        for place in places(frames: frames.count / width) {
            chunks.append(contentsOf: frames[place * width..<(place + 1) * width])
        }
        return chunks
    }
}
