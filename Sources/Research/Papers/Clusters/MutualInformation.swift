// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Mutual information of two groupings of the same items.
public enum MutualInformation {
    /// Normalised mutual information, 2 I(a; b) / (H(a) + H(b)): 0 for independent groupings, 1 for equal ones, and 1 if
    /// both have a single group.
    public static func normalised<Name: Hashable>(_ a: [Name], _ b: [Name]) -> Double {
        precondition(a.count == b.count, "\(a.count) items and \(b.count)")
        let joint = entropy(zip(a, b).map { Pair(a: $0, b: $1) })
        let (left, right) = (entropy(a), entropy(b))
        return left + right == 0 ? 1 : max(0, 2 * (left + right - joint) / (left + right))
    }

    private struct Pair<Name: Hashable>: Hashable {
        let a: Name
        let b: Name
    }

    private static func entropy(_ things: [some Hashable]) -> Double {
        let counts = things.reduce(into: [:]) { $0[$1, default: 0.0] += 1 }
        // Sorted, so that equal groupings give equal sums.
        return counts.values.sorted().reduce(0) {
            $0 - $1 / Double(things.count) * log($1 / Double(things.count))
        }
    }
}
