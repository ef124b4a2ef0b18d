// SPDX-License-Identifier: Apache-2.0
import Corpora

/// Could a mean difference of pairs be chance? The sign-flip permutation test (Fisher 1935): if the two sides were alike,
/// each difference could as well have had the other sign.
public enum PairedTest {
    /// Up to this many pairs every pattern of signs is tried.
    static let exactPairs = 16
    /// Beyond, as many patterns are drawn.
    static let draws = 100_000

    /// The share of sign patterns whose mean is at least as far from 0 as that of `differences`; two-sided, 0...1.
    public static func probability(_ differences: [Double]) -> Double {
        let observed = abs(differences.reduce(0, +)) - 1e-12
        guard differences.count > exactPairs else { return exact(differences, observed) }
        var random = SplitMix64(seed: 1, name: "paired test")
        let hits = (0..<draws).count { _ in
            let signs = random.next()
            return abs(total(differences, signs: signs, random: &random)) >= observed
        }
        return Double(hits + 1) / Double(draws + 1)
    }

    private static func exact(_ differences: [Double], _ observed: Double) -> Double {
        let patterns = 1 << differences.count
        let hits = (0..<patterns).count { pattern in
            let sum = differences.indices.reduce(0.0) {
                $0 + (pattern >> $1 & 1 == 1 ? differences[$1] : -differences[$1])
            }
            return abs(sum) >= observed
        }
        return Double(hits) / Double(patterns)
    }

    /// The sum with random signs, one bit each; more bits are drawn when 64 do not suffice.
    private static func total(_ differences: [Double], signs: UInt64, random: inout SplitMix64) -> Double {
        var (bits, left, sum) = (signs, 64, 0.0)
        for difference in differences {
            if left == 0 { (bits, left) = (random.next(), 64) }
            sum += bits & 1 == 1 ? difference : -difference
            (bits, left) = (bits >> 1, left - 1)
        }
        return sum
    }
}
