// SPDX-License-Identifier: Apache-2.0

extension Pooling {
    /// Variances are at least this, so that a deviation has a slope everywhere and a single frame has one at all.
    public static let varianceFloor = 1e-6

    /// Running sums of w, w x and w x^2 for each channel.
    ///
    /// The variance is the difference of two sums, so the sums are kept in double precision: values within ±1000 of
    /// zero still leave nine digits of a variance of 1.
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

        /// Writes the means and then the deviations. The variance is sum(w (x - mean)^2) / total, multiplied out.
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

    /// Means and deviations of a whole sequence, by two passes and not by running sums.
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
