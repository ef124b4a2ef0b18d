// SPDX-License-Identifier: Apache-2.0

/// Errors that remain if the least confident answers are withheld.
///
/// Reference: Geifman & El-Yaniv 2017, "Selective Classification for Deep Neural Networks", arXiv:1705.08500.
public struct RiskCoverage: Codable, Hashable, Sendable {
    /// Shares of the clips that are answered, the most confident first.
    public static let coverages = [1, 0.8, 0.6, 0.4, 0.2]

    /// The share of wrong answers at each of ``coverages``, 0...1.
    public let errors: [Double]
    /// The mean error over all coverages, 0...1; smaller is better.
    public let area: Double

    /// - Parameters:
    ///   - confidences: the top probability of each clip; 0 for a clip without a label.
    ///   - isRight: whether the answer was right, for each clip.
    public init(confidences: [Double], isRight: [Bool]) {
        let order = confidences.indices.sorted {
            (confidences[$0], $1) > (confidences[$1], $0)
        }
        var wrong = 0
        let errors = order.enumerated().map { place, clip in
            wrong += isRight[clip] ? 0 : 1
            return Double(wrong) / Double(place + 1)
        }
        self.errors = Self.coverages.map { coverage in
            let answered = Int((coverage * Double(errors.count)).rounded(.up))
            return errors.isEmpty ? 0 : errors[max(0, answered - 1)]
        }
        area = mean(errors)
    }
}
