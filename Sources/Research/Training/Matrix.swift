// SPDX-License-Identifier: Apache-2.0
import MatrixProducts

/// A row-major view of memory that a layer or the parameters own: a whole matrix, some of its rows or every nth row.
struct Matrix<Scalar: TrainingScalar> {
    let data: UnsafeMutablePointer<Scalar>
    let rows: Int
    let columns: Int
    /// Distance between the starts of two rows; more than `columns` if rows or columns are skipped.
    let stride: Int

    init(_ data: UnsafeMutablePointer<Scalar>, rows: Int, columns: Int, stride: Int? = nil) {
        (self.data, self.rows, self.columns, self.stride) = (data, rows, columns, stride ?? columns)
    }

    /// The same values with rows and columns exchanged.
    var transposed: Factor { Factor(matrix: self, isTransposed: true) }
    fileprivate var asItIs: Factor { Factor(matrix: self, isTransposed: false) }

    /// One operand of a product.
    struct Factor {
        let matrix: Matrix
        let isTransposed: Bool
        var rows: Int { isTransposed ? matrix.columns : matrix.rows }
        var columns: Int { isTransposed ? matrix.rows : matrix.columns }
    }

    /// self = a b, or self += a b.
    private func multiply(_ a: Factor, by b: Factor, adding: Bool) {
        precondition(
            a.rows == rows && b.columns == columns && a.columns == b.rows,
            "[\(rows), \(columns)] cannot hold the product of [\(a.rows), \(a.columns)] and [\(b.rows), \(b.columns)]"
        )
        Scalar.gemm(
            transposeA: a.isTransposed,
            transposeB: b.isTransposed,
            rows: rows,
            columns: columns,
            inner: a.columns,
            alpha: 1,
            a: a.matrix.data,
            strideA: a.matrix.stride,
            b: b.matrix.data,
            strideB: b.matrix.stride,
            beta: adding ? 1 : 0,
            c: data,
            strideC: stride
        )
    }

    /// self = a b.
    func setProduct(_ a: Matrix, _ b: Matrix) { multiply(a.asItIs, by: b.asItIs, adding: false) }
    /// self = a b, with b transposed.
    func setProduct(_ a: Matrix, _ b: Factor) { multiply(a.asItIs, by: b, adding: false) }
    /// self = a b, with a transposed.
    func setProduct(_ a: Factor, _ b: Matrix) { multiply(a, by: b.asItIs, adding: false) }
    /// self += a b.
    func addProduct(_ a: Matrix, _ b: Matrix) { multiply(a.asItIs, by: b.asItIs, adding: true) }
    /// self += a b, with b transposed.
    func addProduct(_ a: Matrix, _ b: Factor) { multiply(a.asItIs, by: b, adding: true) }
    /// self += a b, with a transposed.
    func addProduct(_ a: Factor, _ b: Matrix) { multiply(a, by: b.asItIs, adding: true) }
}
