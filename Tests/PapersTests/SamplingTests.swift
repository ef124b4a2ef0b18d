// SPDX-License-Identifier: Apache-2.0
import Papers
import Testing
import Training

@Suite struct SamplingTests {
    @Test func mutualInformationKnowsItsEnds() {
        #expect(abs(MutualInformation.normalised([0, 0, 1, 1, 2, 2], [5, 5, 3, 3, 4, 4]) - 1) < 1e-12)
        #expect(MutualInformation.normalised([0, 0, 1, 1], [0, 1, 0, 1]) < 1e-12)
        // scikit-learn 1.9.1: normalized_mutual_info_score([0,0,1,1,2,2,2], [0,0,0,1,1,2,2])
        let ours = MutualInformation.normalised([0, 0, 1, 1, 2, 2, 2], [0, 0, 0, 1, 1, 2, 2])
        #expect(abs(ours - 0.5636355530993447) < 1e-12)
        #expect(MutualInformation.normalised([1, 1], [3, 3]) == 1)
    }

    @Test func smallClustersAreDrawnAsOftenAsLargeOnes() {
        var random = TrainingRandom(seed: 1)
        let assignments = Array(repeating: 0, count: 90) + Array(repeating: 1, count: 9) + [2]
        let places = UniformSampling.places(assignments, count: 3000, using: &random)
        for cluster in 0..<3 { #expect(places.count { assignments[$0] == cluster } == 1000) }
        #expect(Set(places.filter { assignments[$0] == 1 }).count == 9)
    }

    @Test func aSentenceWeighsTheSumOfItsChunks() {
        var random = TrainingRandom(seed: 2)
        // Clusters of 1, 1 and 4 chunks: the first sentence weighs 2, the others 1/2 each.
        let drawn = UniformSampling.sentences(
            [7, 8, 9, 9, 9, 9],
            chunksPerSentence: 2,
            count: 30_000,
            using: &random
        )
        let shares = (0..<3).map { sentence in Double(drawn.count { $0 == sentence }) / 30_000 }
        #expect(abs(shares[0] - 2.0 / 3) < 0.01)
        #expect(abs(shares[1] - 1.0 / 6) < 0.01)
        #expect(abs(shares[2] - 1.0 / 6) < 0.01)
    }
}
