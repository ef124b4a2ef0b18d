// SPDX-License-Identifier: Apache-2.0

/// Sampling that gives all clusters equal weight, whatever their size.
package enum UniformSampling {
    /// `count` indices, equally many from each non-empty cluster, with replacement (DeepEmoCluster, 2021).
    package static func places(
        _ assignments: [Int],
        count: Int,
        using random: inout some RandomNumberGenerator
    ) -> [Int] {
        let members = Dictionary(grouping: assignments.indices, by: { assignments[$0] })
            .sorted { $0.key < $1.key }.map(\.value)
        return (0..<count).compactMap { members[$0 % members.count].randomElement(using: &random) }
            .shuffled(using: &random)
    }

    /// `count` sentences, drawn with replacement; the weight of each is the sum over its chunks of 1 / cluster size. The
    /// chunks of a sentence stay together and in order (Temporal DeepEmoCluster, 2024).
    package static func sentences(
        _ assignments: [Int],
        chunksPerSentence: Int,
        count: Int,
        using random: inout some RandomNumberGenerator
    ) -> [Int] {
        let sizes = assignments.reduce(into: [:]) { $0[$1, default: 0.0] += 1 }
        var sums: [Double] = []
        for start in stride(from: 0, to: assignments.count, by: chunksPerSentence) {
            let weight = assignments[start..<start + chunksPerSentence].reduce(0) {
                $0 + 1 / (sizes[$1] ?? 1)
            }
            sums.append((sums.last ?? 0) + weight)
        }
        guard let total = sums.last else { return [] }
        return (0..<count).map { _ in
            let drawn = Double.random(in: 0..<total, using: &random)
            return first(of: sums, above: drawn)
        }
    }

    /// Finds the index by bisection.
    private static func first(of sums: [Double], above value: Double) -> Int {
        var (low, high) = (0, sums.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if sums[middle] > value { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
