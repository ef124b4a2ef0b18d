// SPDX-License-Identifier: Apache-2.0

/// The random source of dropout.
///
/// A share of a batch drops the same values as it would in the whole batch, so the number of processes affects only
/// the order of sums.
public struct DropoutSource {
    /// Random generator; advances as if the masks of the whole batch had been drawn.
    let random: UnsafeMutablePointer<TrainingRandom>
    /// This process's share; nil for the whole batch.
    let share: BatchShare?

    /// A source that draws from `random`.
    public init(_ random: UnsafeMutablePointer<TrainingRandom>, share: BatchShare? = nil) {
        (self.random, self.share) = (random, share)
    }
}
