// SPDX-License-Identifier: Apache-2.0
import Foundation
import Recipes
import Testing

struct ComparisonTests {
    @Test func equalSidesMakeAnyDifferenceLikely() {
        #expect(PairedTest.probability([]) == 1)
        #expect(PairedTest.probability([0, 0, 0]) == 1)
        #expect(PairedTest.probability([1, -1, 2, -2]) == 1)
    }

    @Test func aDifferenceThatNeverTurnsIsAsRareAsItsSigns() {
        #expect(PairedTest.probability([1, 2, 1, 3, 1]) == 0.0625)
        #expect(PairedTest.probability([-1, -2, -1, -3, -1]) == 0.0625)
    }

    @Test func manyPairsAreDrawnAndAgreeWithTheExactTest() {
        let differences = (0..<15).map { Double($0 % 5) - 1.2 }
        let exact = PairedTest.probability(differences)
        let padded = PairedTest.probability(differences + Array(repeating: 0, count: 80))
        #expect(abs(exact - padded) < 0.01, "pairs without a difference change nothing: \(exact), \(padded)")
        #expect(PairedTest.probability((0..<40).map { _ in 1.0 }) < 1e-4)
    }

    @Test func aRunWithoutFiguresIsNamed() {
        let folder = FileManager.default.temporaryDirectory.appending(path: "nothing-\(UUID().uuidString)")
        do {
            _ = try Comparison(runs: [folder])
            Issue.record("it was compared")
        } catch {
            #expect(String(describing: error).contains("it has no evaluation.json; run evaluate first"))
        }
    }

    @Test func binsHoldEveryClipOnce() {
        let rows = [[0.9, 0.1], [0.5, 0.5], [0.2, 0.8], [1, 0]]
        let bins = Calibration.bins(rows, truths: [0, 1, 0, 0], binCount: 10)
        #expect(bins.map(\.count).reduce(0, +) == 4)
        #expect(bins[9] == Calibration.Bin(count: 2, confidence: 0.95, accuracy: 1))
        #expect(bins[8] == Calibration.Bin(count: 1, confidence: 0.8, accuracy: 0))
    }
}
