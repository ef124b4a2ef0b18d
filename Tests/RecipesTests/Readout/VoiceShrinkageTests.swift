// SPDX-License-Identifier: Apache-2.0
import Recipes
import Testing

struct VoiceShrinkageTests {
    private let shrinkage = VoiceShrinkage(
        mean: [1, -1],
        deviation: [2, 4],
        priorMean: 4,
        priorDeviation: 8
    )

    private func standardised(_ vector: [Float], earlier: [[Float]]) -> [Float] {
        var output: [Float] = [0, 0]
        let lists = earlier.map { list in
            let copy = UnsafeMutableBufferPointer<Float>.allocate(capacity: 2)
            _ = copy.initialize(from: list)
            return copy
        }
        defer { lists.forEach { $0.deallocate() } }
        vector.withUnsafeBufferPointer { vector in
            output.withUnsafeMutableBufferPointer { output in
                shrinkage.standardise(vector, earlier: lists.map { UnsafeBufferPointer($0) }, into: output)
            }
        }
        return output
    }

    @Test func anUnknownVoiceIsMeasuredByThePopulation() {
        #expect(standardised([3, 3], earlier: []) == [1, 1])
    }

    @Test func oneUtteranceMovesTheOriginByItsShare() {
        // Origin (4 * 1 + 1 * 6) / 5 = 2, scale² (8 * 4 + 0) / 9.
        let found = standardised([2, -1], earlier: [[6, -1]])
        #expect(abs(found[0]) < 1e-6 && abs(found[1]) < 1e-6)
    }

    @Test func manyUtterancesReplaceThePopulation() {
        let earlier: [[Float]] = (0..<4000).map { $0 % 2 == 0 ? [9, 0] : [11, 2] }
        let found = standardised([12, 1], earlier: earlier)
        #expect(abs(found[0] - 2) < 0.02 && abs(found[1]) < 0.02)
    }
}
