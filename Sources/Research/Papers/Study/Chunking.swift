// SPDX-License-Identifier: Apache-2.0

/// The settings of ``DynamicChunks``.
struct Chunking: Codable, Hashable, Sendable {
    /// Length of a chunk.
    let windowSeconds: Double
    /// Length of the longest sentence of the corpus.
    let longestSeconds: Double
    /// Number of chunks, as a multiple of those that cover the longest sentence.
    let scale: Int

    /// The chunks for sentences of the format `frames`.
    func chunks(of frames: SentenceFrames, _ context: StudyContext) -> DynamicChunks {
        DynamicChunks(
            longestSeconds: longestSeconds,
            windowSeconds: windowSeconds,
            framesPerSecond: context.hopsPerSecond / Double(frames.hopsPerFrame),
            scale: scale
        )
    }
}
