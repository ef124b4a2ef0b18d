// SPDX-License-Identifier: Apache-2.0

/// Dropout: sets a share of the values to zero in training and scales up the others, so that the mean is unchanged.
public final class Dropout<Scalar: TrainingScalar>: SequenceLayer {
    private let share: Double
    private let sparesInput: Bool
    private let copy = Workspace<Scalar>()
    private let mask = Workspace<Scalar>()
    private let drawn = Workspace<Scalar>()
    private var isActive = false

    /// A layer that drops `share` of the values, from 0 up to but not including 1.
    ///
    /// - Parameter sparesInput: true to change a copy; needed after layers whose `backward` reads their output, such as
    ///   the recurrent ones.
    public init(share: Double, sparesInput: Bool = false) {
        (self.share, self.sparesInput) = (share, sparesInput)
    }

    /// The output, in place unless `sparesInput`. `source` is nil outside of training: nothing is dropped.
    @discardableResult
    public func forward(_ input: Sequences<Scalar>, _ source: DropoutSource?) -> Sequences<Scalar> {
        isActive = source != nil && share > 0
        guard isActive, let source else { return input }
        let x = sparesInput ? input.like(copy) : input
        if sparesInput { x.data.update(from: input.data, count: input.count) }
        let mask = mask.reserve(x.count)
        if let part = source.share, !part.isWhole {
            draw(mask, part, of: x, &source.random.pointee)
        } else {
            Scalar.dropoutMask(mask, count: x.count, share: share, &source.random.pointee)
        }
        Scalar.multiply(x.data, mask, count: x.count)
        return x
    }

    /// The gradient of the input, in place: drops the values that `forward` dropped.
    @discardableResult
    public func backward(_ dx: Sequences<Scalar>) -> Sequences<Scalar> {
        if isActive { Scalar.multiply(dx.data, mask.pointer, count: dx.count) }
        return dx
    }

    /// The share's rows of the whole batch's mask; `random` advances as if the whole mask had been drawn.
    private func draw(
        _ mask: UnsafeMutablePointer<Scalar>,
        _ part: BatchShare,
        of x: Sequences<Scalar>,
        _ random: inout TrainingRandom
    ) {
        let row = x.frames * x.channels
        let segments = x.batch / part.rows.count
        let perDraw = TrainingRandom.numbersPerDropoutDraw
        for segment in 0..<segments {
            let first = (segment * part.batch + part.rows.lowerBound) * row
            let (count, lead) = (part.rows.count * row, first % perDraw)
            let numbers = drawn.reserve(lead + count)
            var here = random
            here.skip(first / perDraw)
            Scalar.dropoutMask(numbers, count: lead + count, share: share, &here)
            (mask + segment * count).update(from: numbers + lead, count: count)
        }
        random.skip((segments * part.batch * row + perDraw - 1) / perDraw)
    }
}
