// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation
import Recipes
import TestSupport
import Testing

struct CoOccurrenceMatrixTests {
    /// The order of the published tables: A D F H N S.
    private static let order: [Emotion] = [.angry, .disgusted, .fearful, .happy, .neutral, .sad]

    private func rows(_ matrix: CoOccurrenceMatrix) -> [[Double?]] {
        Self.order.map { row in Self.order.map { matrix.shares[row.rawValue][$0.rawValue] } }
    }

    private func agree(_ shares: [[Double?]], _ expected: [[Double]], within tolerance: Double) -> Bool {
        zip(shares.joined(), expected.joined()).allSatisfy { share, other in
            share.map { abs($0 - other) <= tolerance } ?? false
        }
    }

    /// Counted by hand over a committed extract; see its README.
    @Test func theSharesAreThoseOfClipsWithBothVotes() throws {
        let votes = try ListenerVotes(folder: Fixtures.url("ratings")).ratings.map(\.votes)
        let counts: [[Double]] = [
            [30, 25, 9, 9, 24, 8], [25, 39, 18, 12, 32, 16], [9, 18, 32, 9, 30, 15], [9, 12, 9, 23, 20, 5],
            [24, 32, 30, 20, 59, 27], [8, 16, 15, 5, 27, 27],
        ]
        let expected = counts.enumerated().map { index, row in row.map { $0 / counts[index][index] } }
        #expect(agree(rows(CoOccurrenceMatrix(votes)), expected, within: 1e-12))
    }

    /// The table that was computed independently from all 7442 clips, to its three decimals.
    @Test(.enabled(if: Fixtures.corpora != nil, "set UNDERTONE_DATA"))
    func theWholeOfCremaDGivesThePublishedTable() throws {
        let data = try #require(Fixtures.corpora)
        let ratings = try ListenerVotes(folder: data.appending(path: "crema_d_ratings")).ratings
        #expect(ratings.count == 7442)
        let expected = [
            [1, 0.730, 0.380, 0.215, 0.725, 0.249], [0.540, 1, 0.422, 0.211, 0.824, 0.377],
            [0.335, 0.504, 1, 0.230, 0.869, 0.498], [0.342, 0.452, 0.413, 1, 0.884, 0.275],
            [0.345, 0.530, 0.468, 0.265, 1, 0.469], [0.236, 0.482, 0.533, 0.164, 0.933, 1],
        ]
        #expect(agree(rows(CoOccurrenceMatrix(ratings.map(\.votes))), expected, within: 0.0005))
    }

    @Test func aConfusionCostsWhatIsSeldomHeardAndTheTruthNothing() throws {
        let votes = try ListenerVotes(folder: Fixtures.url("ratings")).ratings.map(\.votes)
        let matrix = CoOccurrenceMatrix(votes)
        for i in Emotion.allCases {
            #expect(matrix.penalties[i.rawValue][i.rawValue] == 0)
            for j in Self.order where i != j && i != .surprised {
                let share = try #require(matrix.shares[i.rawValue][j.rawValue])
                #expect(matrix.penalties[i.rawValue][j.rawValue] == 1 - share)
            }
        }
    }

    @Test func aClassThatNobodyCouldChooseCostsTheMeanOfWhatIsKnown() throws {
        let votes = try ListenerVotes(folder: Fixtures.url("ratings")).ratings.map(\.votes)
        let matrix = CoOccurrenceMatrix(votes)
        #expect(matrix.chosen == Emotion.allCases.filter { $0 != .surprised })
        let known = Self.order.flatMap { i in
            Self.order.filter { $0 != i }.map { matrix.penalties[i.rawValue][$0.rawValue] }
        }
        let mean = known.reduce(0, +) / Double(known.count)
        let surprised = Emotion.surprised.rawValue
        for other in Self.order.map(\.rawValue) {
            #expect(matrix.shares[surprised][other] == nil && matrix.shares[other][surprised] == nil)
            #expect(abs(matrix.penalties[surprised][other] - mean) < 1e-12)
            #expect(abs(matrix.penalties[other][surprised] - mean) < 1e-12)
        }
    }

    @Test func aVoteBelowTheThresholdIsNotHeard() throws {
        let one = try #require(EmotionVotes([.happy: 8, .neutral: 2]))
        let shares = CoOccurrenceMatrix([one], threshold: 0.2).shares
        #expect(shares[Emotion.happy.rawValue][Emotion.happy.rawValue] == 1)
        #expect(shares[Emotion.happy.rawValue][Emotion.neutral.rawValue] == nil, "0.2 is not above 0.2")
        #expect(CoOccurrenceMatrix([one], threshold: 0.1).shares[1][0] == 1)
    }

    @Test func withoutVotesAllConfusionsAreAlike() {
        let matrix = CoOccurrenceMatrix([EmotionVotes]())
        let costs = Emotion.allCases.map { i in Emotion.allCases.map { i == $0 ? 0.0 : 1 } }
        #expect(matrix.penalties == costs && matrix.chosen.isEmpty)
    }
}
