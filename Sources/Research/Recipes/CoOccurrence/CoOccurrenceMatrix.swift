// SPDX-License-Identifier: Apache-2.0
public import Corpora

/// Which emotions people hear in one and the same clip, and what confusing the others should cost.
///
/// Chou, Lee & Busso (Interspeech 2022, 10.21437/Interspeech.2022-11041) count this in the individual ratings of the
/// training set. Their normalisation was not available; this one is ours:
///
///     n_ij = clips in which listeners chose both i and j     (n_ii: clips in which they chose i)
///     O_ij = n_ij / n_ii                                     the share of i's clips in which j was heard too
///     P_ij = 1 - O_ij for i != j,  P_ii = 0                  0...1, large for a confusion that no listener would share
///
/// A class that no listener could choose gives no information about its co-occurrence. Its confusions, in both
/// directions, cost the mean of those that are known.
public struct CoOccurrenceMatrix: Sendable, Hashable {
    /// O, by the raw values of the classes, row first; `nil` where one of the two was never chosen.
    public let shares: [[Double?]]
    /// P, by the raw values of the classes, row first; 0...1, the diagonal 0.
    public let penalties: [[Double]]
    /// The classes that some listener chose.
    public let chosen: [Emotion]

    /// Counts `votes`, one for each clip.
    ///
    /// - Parameter threshold: a class counts as chosen in a clip if more than this share of its votes is for it, 0...1;
    ///   0 counts every single vote. Above 0 it takes away what one distracted listener adds, most of it "neutral".
    public init(_ votes: some Sequence<EmotionVotes>, threshold: Double = 0) {
        let classes = Emotion.allCases.count
        var counts = Array(repeating: Array(repeating: 0.0, count: classes), count: classes)
        for clip in votes {
            let heard = clip.shares.indices.filter { clip.shares[$0] > threshold }
            for i in heard { for j in heard { counts[i][j] += 1 } }
        }
        let known = (0..<classes).map { counts[$0][$0] > 0 }
        let shares = (0..<classes).map { i in
            (0..<classes).map { j in known[i] && known[j] ? counts[i][j] / counts[i][i] : nil }
        }
        self.shares = shares
        chosen = Emotion.allCases.filter { known[$0.rawValue] }
        penalties = Self.penalties(shares)
    }

    private static func penalties(_ shares: [[Double?]]) -> [[Double]] {
        let pairs = shares.indices.flatMap { i in shares[i].indices.filter { $0 != i }.map { shares[i][$0] } }
        let known = pairs.compactMap { $0 }
        // With nothing known, all confusions are alike, as in plain cross entropy.
        let usual = known.isEmpty ? 1 : 1 - mean(known)
        return shares.indices.map { i in
            shares[i].indices.map { j in i == j ? 0 : shares[i][j].map { 1 - $0 } ?? usual }
        }
    }
}
