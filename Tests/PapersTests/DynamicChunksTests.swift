// SPDX-License-Identifier: Apache-2.0
import Papers
import Testing

@Suite struct DynamicChunksTests {
    /// METHODS of the lab: 62 frames of 16 ms, sentences of up to eleven seconds.
    private let published = DynamicChunks(
        longestSeconds: 11,
        windowSeconds: 1,
        framesPerSecond: 62.5,
        scale: 1
    )

    @Test func thePublishedExamplesComeOut() {
        let chunks = DynamicChunks(length: 62, count: 11)
        #expect(published.count == 11)
        #expect(chunks.starts(frames: 150) == Array(stride(from: 0, through: 80, by: 8)))
        #expect(chunks.starts(frames: 150).last.map { $0 + 62 } == 142)
        #expect(chunks.step(frames: 688) == 62)
        #expect(chunks.starts(frames: 688).last.map { $0 + 62 } == 682)
    }

    @Test(arguments: 1...3, [50, 62, 63, 64, 72, 150, 331, 688, 2000])
    func everySentenceGivesAsManyChunksInsideIt(scale: Int, frames: Int) throws {
        let chunks = DynamicChunks(length: 50, count: 11 * scale)
        let starts = chunks.starts(frames: frames)
        #expect(starts.count == 11 * scale)
        let end = try #require(starts.last) + 50
        #expect(end <= frames)
        #expect(frames - end < chunks.count - 1)
        #expect(chunks.places(frames: frames).count == 50 * 11 * scale)
        #expect(chunks.places(frames: frames).allSatisfy { (0..<frames).contains($0) })
    }

    @Test func aSentenceShorterThanAChunkIsReflected() {
        let chunks = DynamicChunks(length: 8, count: 2)
        let once = [0, 1, 2, 1, 0, 1, 2, 1]
        #expect(chunks.places(frames: 3) == once + once)
        #expect(chunks.places(frames: 1) == Array(repeating: 0, count: 16))
        #expect(DynamicChunks(length: 3, count: 1).places(frames: 9) == [0, 1, 2])
    }
}
