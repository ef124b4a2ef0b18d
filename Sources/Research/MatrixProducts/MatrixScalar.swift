// SPDX-License-Identifier: Apache-2.0
import COpenBLAS

/// A number type whose matrices OpenBLAS multiplies: Float for training, Double for tests.
public protocol MatrixScalar: BinaryFloatingPoint, BitwiseCopyable, Sendable {
    /// C = alpha op(A) op(B) + beta C, all row-major; `rows` x `columns` with `inner` products each.
    ///
    /// The caller guarantees that the pointers match the sizes and strides; OpenBLAS cannot check. Any thread, after
    /// ``OpenBLAS/load()``.
    static func gemm(
        transposeA: Bool,
        transposeB: Bool,
        rows: Int,
        columns: Int,
        inner: Int,
        alpha: Self,
        a: UnsafePointer<Self>,
        strideA: Int,
        b: UnsafePointer<Self>,
        strideB: Int,
        beta: Self,
        c: UnsafeMutablePointer<Self>,
        strideC: Int
    )
}

extension Float: MatrixScalar {
    /// C = alpha op(A) op(B) + beta C, by OpenBLAS.
    public static func gemm(
        transposeA: Bool,
        transposeB: Bool,
        rows: Int,
        columns: Int,
        inner: Int,
        alpha: Float,
        a: UnsafePointer<Float>,
        strideA: Int,
        b: UnsafePointer<Float>,
        strideB: Int,
        beta: Float,
        c: UnsafeMutablePointer<Float>,
        strideC: Int
    ) {
        undertone_sgemm(
            transposeA,
            transposeB,
            Int32(rows),
            Int32(columns),
            Int32(inner),
            alpha,
            a,
            Int32(strideA),
            b,
            Int32(strideB),
            beta,
            c,
            Int32(strideC)
        )
    }
}

extension Double: MatrixScalar {
    /// C = alpha op(A) op(B) + beta C, by OpenBLAS.
    public static func gemm(
        transposeA: Bool,
        transposeB: Bool,
        rows: Int,
        columns: Int,
        inner: Int,
        alpha: Double,
        a: UnsafePointer<Double>,
        strideA: Int,
        b: UnsafePointer<Double>,
        strideB: Int,
        beta: Double,
        c: UnsafeMutablePointer<Double>,
        strideC: Int
    ) {
        undertone_dgemm(
            transposeA,
            transposeB,
            Int32(rows),
            Int32(columns),
            Int32(inner),
            alpha,
            a,
            Int32(strideA),
            b,
            Int32(strideB),
            beta,
            c,
            Int32(strideC)
        )
    }
}

/// The library behind ``MatrixScalar``, and the name of its kernels.
public enum OpenBLAS {
    /// Loads the library with the right kernels for this CPU; does nothing after the first time.
    public static func load() throws(MatrixProductsError) {
        if let problem = undertone_blas_load() {
            throw MatrixProductsError(description: String(cString: problem))
        }
    }

    /// Name of the loaded kernels, such as `SkylakeX`; empty before ``load()``.
    public static var kernels: String { String(cString: undertone_blas_core()) }
}

/// The error if OpenBLAS is missing or unusable; the description says what to install.
public struct MatrixProductsError: Error, CustomStringConvertible {
    /// One sentence for users.
    public let description: String
}
