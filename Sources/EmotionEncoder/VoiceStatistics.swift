// SPDX-License-Identifier: Apache-2.0

/// Means and deviations `[pooledCount]` that standardise a pooled vector: x = (pooled - mean) / deviation.
///
/// A model contains those of its training speakers; a speaker's own can replace them.
public struct VoiceStatistics: Sendable {
    /// One mean for each value of the pooled vector.
    public var mean: [Float]
    /// One deviation for each value of the pooled vector, above 0.
    public var deviation: [Float]

    /// Creates statistics from two lists of `pooledCount` values.
    public init(mean: [Float], deviation: [Float]) {
        precondition(mean.count == deviation.count, "\(mean.count) means, \(deviation.count) deviations")
        (self.mean, self.deviation) = (mean, deviation)
    }

    /// Standardises a pooled vector in place. Does not allocate.
    func apply(to pooled: inout [Float]) {
        precondition(mean.count == pooled.count, "\(mean.count) statistics for \(pooled.count) values")
        for i in pooled.indices { pooled[i] = (pooled[i] - mean[i]) / deviation[i] }
    }
}
