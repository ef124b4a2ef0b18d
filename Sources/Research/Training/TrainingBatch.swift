// SPDX-License-Identifier: Apache-2.0

/// A batch of clips for training.
public struct TrainingBatch<Scalar: TrainingScalar> {
    /// Number of clips.
    public var count: Int
    /// Number of feature frames of the longest clip.
    public var frames: Int
    /// `[count, frames, inputs]`, padded with zeros at the end; already normalised.
    public var features: [Scalar]
    /// `[count, U]`, 1 where the clip has an embedding, 0 in the padding.
    public var mask: [Scalar]

    /// A batch from its parts.
    public init(count: Int, frames: Int, features: [Scalar], mask: [Scalar]) {
        (self.count, self.frames, self.features, self.mask) = (count, frames, features, mask)
    }
}

extension TrainingBatch {
    /// The part of `share`, padded like the whole batch.
    public func part(_ share: BatchShare) -> TrainingBatch {
        TrainingBatch(
            count: share.rows.count,
            frames: frames,
            features: share.part(of: features),
            mask: share.part(of: mask)
        )
    }
}
