// SPDX-License-Identifier: Apache-2.0

extension Pooling {
    /// Smallest variance, so that the deviation has a finite slope and is defined for a single frame.
    public static let varianceFloor = 1e-6

    /// Running sums of w, w x and w x^2 for each channel.
    ///
    /// The variance is the difference of two sums, so the sums are in double precision: with values up to ±1000 a
    /// variance of 1 still has nine digits.
    struct Moments: Sendable {
        private var sums: [Double]
        private var squares: [Double]
        private var weightSum = 0.0

        init(channelCount: Int) {
            sums = Array(repeating: 0, count: channelCount)
            squares = Array(repeating: 0, count: channelCount)
        }

        mutating func reset() {
            for i in sums.indices { (sums[i], squares[i]) = (0, 0) }
            weightSum = 0
        }

        mutating func add(_ frame: Span<Float>, weight: Float, forgetting: Float) {
            precondition(frame.count == sums.count, "\(frame.count) values for \(sums.count) channels")
            let (weight, keep) = (Double(weight), Double(forgetting))
            for i in sums.indices {
                let value = Double(frame[i])
                sums[i] = sums[i] * keep + weight * value
                squares[i] = squares[i] * keep + weight * value * value
            }
            weightSum = weightSum * keep + weight
        }

        /// Writes the means, then the deviations. The variance is sum(w (x - mean)^2) / total, expanded.
        func write(to output: inout [Float]) {
            let scale = 1 / max(weightSum, 1e-6)
            let count = sums.count
            for i in 0..<count {
                let mean = sums[i] * scale
                let variance = squares[i] * scale - mean * mean * (2 - weightSum * scale)
                output[i] = Float(mean)
                output[count + i] = Float(max(variance, Pooling.varianceFloor).squareRoot())
            }
        }
    }

    /// Returns means and deviations of a whole sequence, in two passes instead of running sums.
    func statistics(_ sequence: [Float], scored: [Float], weights outside: [Float], forgetting: Double)
        -> [Float]
    {
        let width = scoredCount
        var weights = outside.indices.map { t in
            Double(shares(of: scored.span.extracting(t * width..<(t + 1) * width), outside[t]).frame)
        }
        var age = 1.0
        for t in weights.indices.reversed() {
            weights[t] *= age
            age *= forgetting
        }
        let total = max(weights.reduce(0, +), 1e-6)
        let means = (0..<channelCount).map { c in
            weights.indices.reduce(0) { $0 + weights[$1] * Double(sequence[$1 * channelCount + c]) } / total
        }
        let deviations = (0..<channelCount).map { c in
            let squares = weights.indices.reduce(0.0) {
                let distance = Double(sequence[$1 * channelCount + c]) - means[c]
                return $0 + weights[$1] * distance * distance
            }
            return max(squares / total, Self.varianceFloor).squareRoot()
        }
        return means.map { Float($0) } + deviations.map { Float($0) }
    }
}
