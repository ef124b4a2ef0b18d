// SPDX-License-Identifier: Apache-2.0

/// The numbers behind ``DynamicChunks``.
struct Chunking: Codable, Hashable, Sendable {
    /// A chunk.
    let windowSeconds: Double
    /// The longest sentence of the corpus.
    let longestSeconds: Double
    /// How many times more chunks than cover the longest sentence.
    let scale: Int

    /// The chunks of sentences in `frames`.
    func chunks(of frames: SentenceFrames, _ context: StudyContext) -> DynamicChunks {
        DynamicChunks(
            longestSeconds: longestSeconds,
            windowSeconds: windowSeconds,
            framesPerSecond: context.hopsPerSecond / Double(frames.hopsPerFrame),
            scale: scale
        )
    }
}
