// SPDX-License-Identifier: Apache-2.0

/// Means and deviations `[pooledCount]` that a pooled vector is standardised by: x = (pooled - mean) / deviation.
///
/// A model brings those of its training speakers; those of one speaker's own voice can take their place.
public struct VoiceStatistics: Sendable {
    /// One mean for each value of the pooled vector.
    public var mean: [Float]
    /// One deviation for each value of the pooled vector, above 0.
    public var deviation: [Float]

    /// Takes two lists of `pooledCount` values each.
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
