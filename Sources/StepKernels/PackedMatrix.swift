// SPDX-License-Identifier: Apache-2.0
import CStepKernels

/// Weights of y = W x + b, packed once for the vector units and immutable.
///
/// The weights of 64 outputs are adjacent for each input, so a step reads memory once, front to back, and needs no sum
/// across a register.
public struct PackedMatrix: Sendable {
    /// Number of outputs.
    public let rows: Int
    /// Number of inputs.
    public let columns: Int
    private let weights: AlignedFloats
    private let bias: AlignedFloats

    /// Packs `weights` `[rows, columns]`, row-major as in PyTorch, and `bias` `[rows]` (zero if nil).
    public init(_ weights: [Float], rows: Int, columns: Int, bias: [Float]? = nil) {
        precondition(rows > 0 && columns > 0, "a matrix needs rows and columns, not \(rows) x \(columns)")
        precondition(weights.count == rows * columns, "\(weights.count) weights for \(rows) x \(columns)")
        precondition(bias == nil || bias?.count == rows, "\(bias?.count ?? 0) biases for \(rows) rows")
        self.rows = rows
        self.columns = columns
        self.weights = AlignedFloats(count: kernel_packed_count(rows, columns)) { packed in
            kernel_pack_matrix(weights, packed, rows, columns)
        }
        self.bias = AlignedFloats(count: kernel_packed_count(rows, 1)) { padded in
            padded.update(from: bias ?? Array(repeating: 0, count: rows), count: rows)
        }
    }

    /// y = W x + b for one frame: `x` `[columns]`, `y` `[rows]`. Does not allocate.
    public func multiply(_ x: Span<Float>, into y: inout MutableSpan<Float>) {
        precondition(
            x.count == columns && y.count == rows,
            "\(x.count) -> \(y.count) through \(rows) x \(columns)"
        )
        y.withUnsafeMutableBufferPointer { y in
            x.withUnsafeBufferPointer { x in
                // SAFETY: all four buffers are non-empty and have the sizes just checked.
                kernel_matrix_vector(weights.base, bias.base, x.baseAddress, y.baseAddress, rows, columns)
            }
        }
    }

    /// y = W x + b between two arrays of one state; the caller guarantees their sizes. Does not allocate.
    public func multiply(_ x: [Float], into y: inout [Float]) {
        var span = y.mutableSpan
        multiply(x.span, into: &span)
    }

    /// Y = X W^T + b for a sequence: `x` `[T, columns]` to `[T, rows]`, row-major.
    public func multiply(sequence x: [Float]) -> [Float] {
        precondition(x.count.isMultiple(of: columns), "\(x.count) values are not whole rows of \(columns)")
        let count = x.count / columns
        return Array(unsafeUninitializedCapacity: count * rows) { y, initialized in
            if count > 0 {
                kernel_matrix_rows(weights.base, bias.base, x, y.baseAddress, count, rows, columns)
            }
            initialized = count * rows
        }
    }
}
