// SPDX-License-Identifier: Apache-2.0
import Corpora
import Recipes
import Testing
import Training

struct PaddedBatchTests {
    private let statistics = InputStatistics(mean: [1, 0], scale: [2, 1])

    private func frames(_ count: Int, speech: Range<Int>) -> FeatureTable.Frames {
        FeatureTable.Frames(
            features: (0..<count).flatMap { [Float($0), -Float($0)] },
            isSpeech: (0..<count).map(speech.contains),
            energy: (0..<count).map { Float($0) }
        )
    }

    @Test func clipsAreNormalisedLimitedAndPaddedWithZeros() {
        let batch = PaddedBatch(
            [frames(2, speech: 0..<0), frames(1, speech: 0..<0)],
            normalised: statistics,
            stride: 1
        )
        #expect(batch.input.features == [-2, 0, 0, -1, -2, 0, 0, 0])
        let loud = PaddedBatch([frames(50, speech: 0..<0)], normalised: statistics, stride: 1)
        #expect(loud.input.features.max() == 10 && loud.input.features.min() == -10)
    }

    @Test func anEmbeddingTakesTheTruthOfTheFrameThatBringsIt() {
        let batch = PaddedBatch(
            [frames(9, speech: 4..<9), frames(4, speech: 0..<1)],
            normalised: statistics,
            stride: 4
        )
        #expect(batch.embeddingCounts == [3, 1])
        #expect(batch.input.mask == [1, 1, 1, 1, 0, 0])
        #expect(batch.speech == [0, 1, 1, 1, 0, 0])
    }

    @Test func aPrefixEndsAfterAShareOfTheSpeechHoweverMuchSilenceComesFirst() {
        let batch = PaddedBatch(
            [frames(8, speech: 4..<8), frames(4, speech: 0..<4), frames(4, speech: 0..<0)],
            normalised: statistics,
            stride: 2
        )
        #expect(batch.prefix([0.5, 0.1, 0.5]) == [1, 1, 1, 1, 1, 0, 0, 0, 1, 1, 0, 0])
        #expect(batch.prefix([1, 1, 1]) == batch.input.mask)
    }

    @Test func aStretchIsMaskedByTheFramesThatBringItsEmbeddings() {
        let batch = PaddedBatch(
            [frames(9, speech: 0..<9), frames(4, speech: 0..<4)],
            normalised: statistics,
            stride: 4
        )
        #expect(batch.mask(of: [1..<9, 0..<4]) == [0, 1, 1, 1, 0, 0])
        #expect(batch.mask(of: [0..<0, 0..<100]) == [0, 0, 0, 1, 0, 0])
    }
}
