// SPDX-License-Identifier: Apache-2.0

/// The sequences of a batch that one of several processes handles.
///
/// Values of the whole batch are row-major [segments, batch, values], such as the logits of several views.
public struct BatchShare: Sendable, Equatable {
    /// Indices of the sequences.
    public let rows: Range<Int>
    /// Number of sequences in the whole batch.
    public let batch: Int

    /// Sequences `rows` of a batch of `batch` sequences.
    public init(rows: Range<Int>, of batch: Int) {
        precondition(!rows.isEmpty && rows.upperBound <= batch, "rows \(rows) outside of batch \(batch)")
        (self.rows, self.batch) = (rows, batch)
    }

    /// True if this share is the whole batch.
    public var isWhole: Bool { rows.count == batch }

    /// This share's part of the values of a whole batch.
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

    /// The values of a whole batch, with zeros for the other shares.
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
