// SPDX-License-Identifier: Apache-2.0
import Glibc

/// The learning rate over time: a linear warm-up, then half a cosine down to zero
/// (Loshchilov, Hutter 2017, arXiv:1608.03983).
public struct Schedule: Sendable, Equatable {
    private let peak: Double
    private let warmUpSteps: Int
    private let totalSteps: Int

    /// A schedule that peaks at `peak`.
    public init(peak: Double, warmUpSteps: Int, totalSteps: Int) {
        precondition(warmUpSteps >= 0 && totalSteps > 0, "warm-up \(warmUpSteps) of \(totalSteps) steps")
        (self.peak, self.warmUpSteps, self.totalSteps) = (peak, warmUpSteps, totalSteps)
    }

    /// The learning rate after `step` steps; 0 once the schedule has ended.
    public func learningRate(at step: Int) -> Double {
        let warmth = warmUpSteps > 0 ? min(1, Double(step + 1) / Double(warmUpSteps)) : 1
        let done = min(1, Double(step) / Double(totalSteps))
        return peak * warmth * 0.5 * (1 + cos(.pi * done))
    }
}
