// SPDX-License-Identifier: Apache-2.0
import Foundation
import MatrixProducts
import TestSupport
import Testing

@Suite struct MatrixProductsTests {
    /// Three plain loops, the reference for the library.
    private func naive<Scalar: MatrixScalar>(
        _ a: [Scalar],
        _ b: [Scalar],
        rows: Int,
        columns: Int,
        inner: Int,
        transposeA: Bool,
        transposeB: Bool
    ) -> [Scalar] {
        var c = [Scalar](repeating: 0, count: rows * columns)
        for i in 0..<rows {
            for j in 0..<columns {
                for k in 0..<inner {
                    let left = transposeA ? a[k * rows + i] : a[i * inner + k]
                    let right = transposeB ? b[j * inner + k] : b[k * columns + j]
                    c[i * columns + j] += left * right
                }
            }
        }
        return c
    }

    private func agree<Scalar: MatrixScalar>(_ type: Scalar.Type, tolerance: Scalar) throws {
        try OpenBLAS.load()
        var random = SeededRandom(seed: 5)
        for (rows, columns, inner) in [(1, 1, 1), (3, 5, 7), (17, 2, 33), (64, 48, 100)] {
            for (transposeA, transposeB) in [(false, false), (true, false), (false, true), (true, true)] {
                let a = (0..<rows * inner).map { _ in Scalar(Double.random(in: -1...1, using: &random)) }
                let b = (0..<inner * columns).map { _ in Scalar(Double.random(in: -1...1, using: &random)) }
                var c = [Scalar](repeating: 1, count: rows * columns)
                Scalar.gemm(
                    transposeA: transposeA,
                    transposeB: transposeB,
                    rows: rows,
                    columns: columns,
                    inner: inner,
                    alpha: 2,
                    a: a,
                    strideA: transposeA ? rows : inner,
                    b: b,
                    strideB: transposeB ? inner : columns,
                    beta: 3,
                    c: &c,
                    strideC: columns
                )
                let expected = naive(
                    a,
                    b,
                    rows: rows,
                    columns: columns,
                    inner: inner,
                    transposeA: transposeA,
                    transposeB: transposeB
                )
                for (ours, theirs) in zip(c, expected) { #expect(abs(ours - (2 * theirs + 3)) < tolerance) }
            }
        }
    }

    @Test func productsAgreeWithPlainLoops() throws {
        try agree(Float.self, tolerance: 1e-4)
        try agree(Double.self, tolerance: 1e-12)
    }

    @Test func theKernelsMatchTheCPU() throws {
        try OpenBLAS.load()
        let chosen = ProcessInfo.processInfo.environment["OPENBLAS_CORETYPE"]
        let flags = try String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
        if let chosen, !chosen.isEmpty {
            #expect(OpenBLAS.kernels.lowercased() == chosen.lowercased(), "the user's choice is kept")
        } else if ["avx512f", "avx512vl", "avx512bw", "avx512dq"].allSatisfy(flags.contains) {
            #expect(OpenBLAS.kernels == "SkylakeX")
        } else if flags.contains("avx2"), flags.contains("fma") {
            #expect(["Haswell", "Zen"].contains(OpenBLAS.kernels))
        }
        #expect(!OpenBLAS.kernels.isEmpty)
    }
}
