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
        guard count > 0 else {
            for column in mean.indices {
                output[column] = (vector[column] - mean[column]) / deviation[column]
            }
            return
        }
        // Sums of distances from the population's mean and of their squares, utterance by utterance: long inner loops.
        var (sums, squares) = (
            Array(repeating: Float(0), count: mean.count), Array(repeating: Float(0), count: mean.count)
        )
        for utterance in earlier {
            for column in mean.indices {
                let distance = utterance[column] - mean[column]
                sums[column] += distance
                squares[column] += distance * distance
            }
        }
        for column in mean.indices {
            let own = sums[column] / count
            let spread = max(0, squares[column] - count * own * own)
            let origin = mean[column] + sums[column] / (priorMean + count)
            let variance =
                (priorDeviation * deviation[column] * deviation[column] + spread) / (priorDeviation + count)
            output[column] = (vector[column] - origin) / max(variance.squareRoot(), 1e-6)
        }
    }
}
