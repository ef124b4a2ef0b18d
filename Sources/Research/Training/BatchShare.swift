// SPDX-License-Identifier: Apache-2.0

/// The sequences of a batch that one of several processes works on.
///
/// Numbers of the whole batch are row-major [segments, batch, numbers], as the logits of several views.
public struct BatchShare: Sendable, Equatable {
    /// Which sequences.
    public let rows: Range<Int>
    /// Sequences of the whole batch.
    public let batch: Int

    /// `rows` of a batch of `batch`.
    public init(rows: Range<Int>, of batch: Int) {
        precondition(!rows.isEmpty && rows.upperBound <= batch, "\(rows) are no rows of \(batch)")
        (self.rows, self.batch) = (rows, batch)
    }

    /// Whether there is no other share.
    public var isWhole: Bool { rows.count == batch }

    /// This share of the numbers of a whole batch.
    public func part<Scalar: TrainingScalar>(of whole: [Scalar], segments: Int = 1) -> [Scalar] {
        let row = whole.count / (segments * batch)
        var part: [Scalar] = []
        part.reserveCapacity(segments * rows.count * row)
        for segment in 0..<segments {
            let first = segment * batch
            part += whole[(first + rows.lowerBound) * row..<(first + rows.upperBound) * row]
        }
        return part
    }

    /// The numbers of a whole batch that are this share's, and zeros for the others.
    public func whole<Scalar: TrainingScalar>(from part: [Scalar], segments: Int = 1) -> [Scalar] {
        let row = part.count / (segments * rows.count)
        var whole: [Scalar] = []
        whole.reserveCapacity(segments * batch * row)
        for segment in 0..<segments {
            let first = segment * rows.count * row
            whole += repeatElement(0, count: rows.lowerBound * row)
            whole += part[first..<first + rows.count * row]
            whole += repeatElement(0, count: (batch - rows.upperBound) * row)
        }
        return whole
    }
}
