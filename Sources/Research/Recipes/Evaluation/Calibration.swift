// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Calibration of probabilities, and the temperature that improves it.
///
/// Reference: Guo et al. 2017, "On Calibration of Modern Neural Networks", arXiv:1706.04599, sections 2 and 4.2.
public enum Calibration {
    /// The usual number of bins.
    static let binCount = 15

    /// The bin of a top probability, 0..<binCount.
    static func bin(of confidence: Double, binCount: Int) -> Int {
        max(0, min(binCount - 1, Int(confidence * Double(binCount))))
    }

    /// The clips whose top probability lies in one stretch between 0 and 1.
    public struct Bin: Codable, Hashable, Sendable {
        /// Number of them.
        public var count = 0
        /// The mean of their top probabilities; 0 for none.
        public var confidence = 0.0
        /// The share of them that were right; 0 for none.
        public var accuracy = 0.0

        /// Each parameter as its property says.
        public init(count: Int = 0, confidence: Double = 0, accuracy: Double = 0) {
            (self.count, self.confidence, self.accuracy) = (count, confidence, accuracy)
        }
    }

    /// The clips in bins of equal width by their top probability.
    ///
    /// - Parameters:
    ///   - probabilities: one row for each clip.
    ///   - truths: the true class of each clip.
    ///   - binCount: the number of bins between 0 and 1.
    public static func bins(_ probabilities: [[Double]], truths: [Int], binCount: Int = 15) -> [Bin] {
        var bins = Array(repeating: Bin(), count: binCount)
        for (row, truth) in zip(probabilities, truths) {
            guard let top = row.indices.max(by: { row[$0] < row[$1] }) else { continue }
            let index = bin(of: row[top], binCount: binCount)
            bins[index].count += 1
            bins[index].confidence += row[top]
            bins[index].accuracy += top == truth ? 1 : 0
        }
        return bins.map { bin in
            let count = Double(max(1, bin.count))
            return Bin(count: bin.count, confidence: bin.confidence / count, accuracy: bin.accuracy / count)
        }
    }

    /// Expected calibration error, 0...1: over bins of equal width of the top probability, the mean distance of
    /// confidence and accuracy, weighted by the clips in the bin.
    public static func expectedError(_ probabilities: [[Double]], truths: [Int], binCount: Int = 15) -> Double
    {
        bins(probabilities, truths: truths, binCount: binCount).reduce(0) {
            $0 + Double($1.count) * abs($1.confidence - $1.accuracy)
        } / Double(max(1, truths.count))
    }

    /// Mean negative log-likelihood of the true classes, in nats, at `temperature`.
    public static func loss(_ probabilities: [[Double]], truths: [Int], temperature: Double = 1) -> Double {
        mean(zip(probabilities, truths).map { -log(max(1e-12, scaled($0, temperature)[$1])) })
    }

    /// `probabilities` as a softmax at another temperature would have given them.
    public static func scaled(_ probabilities: [Double], _ temperature: Double) -> [Double] {
        let powers = probabilities.map { pow(max(1e-12, $0), 1 / temperature) }
        let sum = powers.reduce(0, +)
        return powers.map { $0 / sum }
    }

    /// The temperature between 1/4 and 4 that makes the true classes most likely.
    ///
    /// Fit it on speakers that training has not seen; on training speakers it would only make the model bolder. The
    /// loss has one minimum in log(temperature), which a golden-section search closes in on.
    public static func temperature(_ probabilities: [[Double]], truths: [Int]) -> Double {
        guard !truths.isEmpty else { return 1 }
        let ratio = (5.0.squareRoot() - 1) / 2
        var low = log(0.25)
        var high = log(4.0)
        while high - low > 1e-4 {
            let left = high - ratio * (high - low)
            let right = low + ratio * (high - low)
            let isLeftBetter =
                loss(probabilities, truths: truths, temperature: exp(left))
                < loss(probabilities, truths: truths, temperature: exp(right))
            if isLeftBetter { high = right } else { low = left }
        }
        return exp((low + high) / 2)
    }
}
