// SPDX-License-Identifier: Apache-2.0
import Corpora

/// The calibration error of all folds together, next to the error that a perfectly calibrated model would show.
///
/// The expected calibration error of a finite sample is above 0 even for a perfect model, so a figure says little without
/// the second one: with 300 clips and 15 bins a perfect model shows about .07, with 1400 about .03.
public struct PooledCalibration: Codable, Hashable, Sendable {
    /// Clips with a label; the others have no probability.
    public let clips: Int
    /// Expected calibration error, 0...1; 15 bins of equal width.
    public let error: Double
    /// The mean error of a perfectly calibrated model with the same confidences, 0...1.
    public let perfectError: Double
    /// The error that a perfectly calibrated model exceeds in 5 % of the draws.
    public let perfectHigh: Double
    /// The clips by their top probability.
    public let bins: [Calibration.Bin]

    private static let draws = 400

    /// - Parameters:
    ///   - confidences: the top probability of each labelled clip.
    ///   - isRight: whether the answer was right, for each clip.
    ///   - seed: of the draws.
    public init(confidences: [Double], isRight: [Bool], seed: UInt64 = 1) {
        let places = confidences.map { Calibration.bin(of: $0, binCount: Calibration.binCount) }
        let observed = Sums(places, confidences, isRight)
        var random = SplitMix64(seed: seed, name: "perfect calibration")
        let errors = (0..<Self.draws).map { _ in
            Sums(places, confidences, confidences.map { random.happens($0) }).error
        }.sorted()
        clips = confidences.count
        error = observed.error
        perfectError = mean(errors)
        perfectHigh = errors[Self.draws * 95 / 100]
        bins = observed.bins
    }

    /// Sums of each bin.
    private struct Sums {
        var counts = Array(repeating: 0.0, count: Calibration.binCount)
        var confidences = Array(repeating: 0.0, count: Calibration.binCount)
        var right = Array(repeating: 0.0, count: Calibration.binCount)

        init(_ places: [Int], _ confidences: [Double], _ isRight: [Bool]) {
            for (clip, place) in places.enumerated() {
                counts[place] += 1
                self.confidences[place] += confidences[clip]
                right[place] += isRight[clip] ? 1 : 0
            }
        }

        var error: Double {
            let distance = zip(confidences, right).reduce(0) { $0 + abs($1.0 - $1.1) }
            return distance / max(1, counts.reduce(0, +))
        }

        var bins: [Calibration.Bin] {
            counts.indices.map { place in
                let count = max(1, counts[place])
                return Calibration.Bin(
                    count: Int(counts[place]),
                    confidence: confidences[place] / count,
                    accuracy: right[place] / count
                )
            }
        }
    }
}
