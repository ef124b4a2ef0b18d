// SPDX-License-Identifier: Apache-2.0

/// Counts of each class by the class that was named, and the figures that follow.
///
/// A clip for which the model names no label is counted too: it is a miss of its class, and nothing else's.
public struct ConfusionMatrix: Codable, Hashable, Sendable {
    /// The names of the classes.
    public let labels: [String]
    /// Clips, by true class (row) and named class (column).
    public private(set) var counts: [[Int]]
    /// Clips without a named label, by true class.
    public private(set) var unnamed: [Int]

    /// An empty matrix over `labels`.
    public init(labels: [String]) {
        self.labels = labels
        counts = Array(repeating: Array(repeating: 0, count: labels.count), count: labels.count)
        unnamed = Array(repeating: 0, count: labels.count)
    }

    /// Counts one clip of class `truth` that was named `answer`, or not named.
    public mutating func add(truth: Int, answer: Int?) {
        if let answer { counts[truth][answer] += 1 } else { unnamed[truth] += 1 }
    }

    /// Counts all clips of `other`.
    public mutating func add(_ other: ConfusionMatrix) {
        precondition(labels == other.labels, "matrices of different labels do not add")
        for truth in labels.indices {
            unnamed[truth] += other.unnamed[truth]
            for answer in labels.indices { counts[truth][answer] += other.counts[truth][answer] }
        }
    }

    /// Clips of a class.
    public func support(of label: Int) -> Int { counts[label].reduce(0, +) + unnamed[label] }

    /// All clips.
    public var clipCount: Int { labels.indices.reduce(0) { $0 + support(of: $1) } }

    /// The share of a class's clips that were named so; `nil` for a class without clips.
    public func recall(of label: Int) -> Double? {
        let support = support(of: label)
        return support == 0 ? nil : Double(counts[label][label]) / Double(support)
    }

    /// The share of the clips named so that are of this class; `nil` if none was named so.
    public func precision(of label: Int) -> Double? {
        let named = counts.reduce(0) { $0 + $1[label] }
        return named == 0 ? nil : Double(counts[label][label]) / Double(named)
    }

    /// Harmonic mean of precision and recall; 0 if nothing was right; `nil` for a class without clips.
    public func f1(of label: Int) -> Double? {
        guard let recall = recall(of: label) else { return nil }
        let precision = precision(of: label) ?? 0
        return precision + recall == 0 ? 0 : 2 * precision * recall / (precision + recall)
    }

    /// Unweighted average recall over the classes that have clips, 0...1.
    public var unweightedAverageRecall: Double { mean(labels.indices.compactMap(recall)) }
    /// Mean F1 over the classes that have clips, 0...1.
    public var macroF1: Double { mean(labels.indices.compactMap(f1)) }
    /// Mean precision over the classes that have clips, 0...1; a class that is never named counts as 0.
    public var macroPrecision: Double {
        mean(labels.indices.filter { support(of: $0) > 0 }.map { precision(of: $0) ?? 0 })
    }
    /// The share of all clips that were named `label`, 0...1.
    public func share(named label: Int) -> Double {
        Double(counts.reduce(0) { $0 + $1[label] }) / Double(max(1, clipCount))
    }
    /// The share of the clips of other classes that were named `label`, 0...1: the drift towards it.
    public func drift(to label: Int) -> Double {
        let others = labels.indices.filter { $0 != label }
        let named = others.reduce(0) { $0 + counts[$1][label] }
        return Double(named) / Double(max(1, others.reduce(0) { $0 + support(of: $1) }))
    }
    /// The mean of `costs[truth][answer]` over the wrong answers; `nil` where there is none.
    public func meanCostOfErrors(_ costs: [[Double]]) -> Double? {
        let errors = labels.indices.flatMap { truth in
            labels.indices.filter { $0 != truth }.map { (Double(counts[truth][$0]), costs[truth][$0]) }
        }
        let count = errors.reduce(0) { $0 + $1.0 }
        return count == 0 ? nil : errors.reduce(0) { $0 + $1.0 * $1.1 } / count
    }
    /// The share of all clips that were named rightly, 0...1. Misleads where classes differ in size.
    public var accuracy: Double {
        Double(labels.indices.reduce(0) { $0 + counts[$1][$1] }) / Double(max(1, clipCount))
    }
}

/// The mean; 0 of nothing.
package func mean(_ values: [Double]) -> Double {
    values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
}

/// Standard deviation of a sample (divided by n - 1); 0 for fewer than two values.
package func spread(_ values: [Double]) -> Double {
    guard values.count > 1 else { return 0 }
    let centre = mean(values)
    return (values.reduce(0) { $0 + ($1 - centre) * ($1 - centre) } / Double(values.count - 1)).squareRoot()
}
