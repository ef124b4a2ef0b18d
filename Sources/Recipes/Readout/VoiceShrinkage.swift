// SPDX-License-Identifier: Apache-2.0

/// Origin and scale of pooled vectors for a voice, shrunk towards the population.
///
/// With n earlier utterances of mean m and variance v, and the population's mean µ and variance s,
///
///     origin = (k µ + n m) / (k + n)     scale² = (q s + n v) / (q + n)
///
/// where k and q are `priorMean` and `priorDeviation`: the stream's own arithmetic, so that a read-out is trained on what
/// it meets. No earlier utterance gives the population's own.
package struct VoiceShrinkage: Sendable {
    package let mean: [Float]
    package let deviation: [Float]
    package let priorMean: Float
    package let priorDeviation: Float

    /// A population and how much it counts.
    package init(mean: [Float], deviation: [Float], priorMean: Float, priorDeviation: Float) {
        (self.mean, self.deviation) = (mean, deviation)
        (self.priorMean, self.priorDeviation) = (priorMean, priorDeviation)
    }

    /// `vector` `[D]` standardised by the population and `earlier` utterances `[D]` each, into `[D]` numbers.
    package func standardise(
        _ vector: UnsafeBufferPointer<Float>,
        earlier: [UnsafeBufferPointer<Float>],
        into output: UnsafeMutableBufferPointer<Float>
    ) {
        let count = Float(earlier.count)
        for column in mean.indices {
            var (origin, scale) = (mean[column], deviation[column])
            if count > 0 {
                let own = earlier.reduce(Float(0)) { $0 + $1[column] } / count
                let spread = earlier.reduce(Float(0)) { $0 + ($1[column] - own) * ($1[column] - own) } / count
                origin = (priorMean * origin + count * own) / (priorMean + count)
                scale = ((priorDeviation * scale * scale + count * spread) / (priorDeviation + count))
                    .squareRoot()
            }
            output[column] = (vector[column] - origin) / max(scale, 1e-6)
        }
    }
}
