// SPDX-License-Identifier: Apache-2.0

/// Sets a share of the numbers to zero while training and scales the rest up, so that their mean stays.
public final class Dropout<Scalar: TrainingScalar> {
    private let share: Double
    private let mask = Workspace<Scalar>()
    private var isActive = false

    /// Drops `share` of the numbers, 0 up to 1.
    public init(share: Double) { self.share = share }

    /// In place. `random` is nil outside of training: nothing is dropped.
    public func forward(_ x: Sequences<Scalar>, _ random: UnsafeMutablePointer<TrainingRandom>?) {
        isActive = random != nil && share > 0
        guard isActive, let random else { return }
        let mask = mask.reserve(x.count)
        Scalar.dropoutMask(mask, count: x.count, share: share, &random.pointee)
        Scalar.multiply(x.data, mask, count: x.count)
    }

    /// In place: drops what forward dropped.
    public func backward(_ dx: Sequences<Scalar>) {
        if isActive { Scalar.multiply(dx.data, mask.pointer, count: dx.count) }
    }
}
