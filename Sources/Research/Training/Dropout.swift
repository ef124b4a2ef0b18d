// SPDX-License-Identifier: Apache-2.0

/// Sets a share of the numbers to zero while training and scales the rest up, so that their mean stays.
public final class Dropout<Scalar: TrainingScalar>: SequenceLayer {
    private let share: Double
    private let sparesInput: Bool
    private let copy = Workspace<Scalar>()
    private let mask = Workspace<Scalar>()
    private let drawn = Workspace<Scalar>()
    private var isActive = false

    /// Drops `share` of the numbers, 0 up to 1.
    ///
    /// - Parameter sparesInput: whether a copy is changed; needed after layers whose `backward` reads what they gave,
    ///   such as the recurrent ones.
    public init(share: Double, sparesInput: Bool = false) {
        (self.share, self.sparesInput) = (share, sparesInput)
    }

    /// In place unless the input is spared. `source` is nil outside of training: nothing is dropped.
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

    /// In place: drops what forward dropped.
    @discardableResult
    public func backward(_ dx: Sequences<Scalar>) -> Sequences<Scalar> {
        if isActive { Scalar.multiply(dx.data, mask.pointer, count: dx.count) }
        return dx
    }

    /// The part's rows of the mask that the whole batch would get; `random` goes on as after that.
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
