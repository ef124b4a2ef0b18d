// SPDX-License-Identifier: Apache-2.0

/// Where dropout draws from.
///
/// A share of a batch drops what it would drop as part of the whole batch, so that the number of processes changes
/// nothing but the order of sums.
public struct DropoutSource {
    /// Moves on as if the whole batch had been drawn for.
    let random: UnsafeMutablePointer<TrainingRandom>
    /// The share at work; nil for all of the batch.
    let share: BatchShare?

    /// Draws from `random`.
    public init(_ random: UnsafeMutablePointer<TrainingRandom>, share: BatchShare? = nil) {
        (self.random, self.share) = (random, share)
    }
}
