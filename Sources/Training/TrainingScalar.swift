import Glibc
// SPDX-License-Identifier: Apache-2.0
public import MatrixProducts
import StepKernels

/// A number type that networks are trained in: Float for work, Double for proofs by finite differences.
///
/// The loops over elements stand here as protocol requirements: each conformance gets its own specialised,
/// vectorised copy, and the layers above can stay generic without paying for it.
public protocol TrainingScalar: MatrixScalar, SIMDScalar, Codable {
    /// values += addend.
    static func add(_ values: UnsafeMutablePointer<Self>, _ addend: UnsafePointer<Self>, count: Int)
    /// Each of `rows` rows of `values` += bias `[columns]`.
    static func addBias(
        _ values: UnsafeMutablePointer<Self>,
        _ bias: UnsafePointer<Self>,
        rows: Int,
        columns: Int
    )
    /// sums `[columns]` += the sum over rows of `values`.
    static func sumRows(
        _ sums: UnsafeMutablePointer<Self>,
        _ values: UnsafePointer<Self>,
        rows: Int,
        columns: Int
    )
    /// values = max(values, 0).
    static func relu(_ values: UnsafeMutablePointer<Self>, count: Int)
    /// gradient = 0 where output is 0.
    static func reluGradient(
        _ gradient: UnsafeMutablePointer<Self>,
        _ output: UnsafePointer<Self>,
        count: Int
    )
    /// values += scale addend.
    static func addScaled(
        _ values: UnsafeMutablePointer<Self>,
        _ addend: UnsafePointer<Self>,
        _ scale: Self,
        count: Int
    )
    /// Sum of a[i] b[i].
    static func dot(_ a: UnsafePointer<Self>, _ b: UnsafePointer<Self>, count: Int) -> Self
    /// values *= factor, number by number.
    static func multiply(_ values: UnsafeMutablePointer<Self>, _ factor: UnsafePointer<Self>, count: Int)
    /// Layer normalisation of rows; see the extension.
    static func layerNorm(
        _ x: UnsafePointer<Self>,
        weight: UnsafePointer<Self>,
        bias: UnsafePointer<Self>,
        normalized: UnsafeMutablePointer<Self>,
        inverseDeviations: UnsafeMutablePointer<Self>,
        output: UnsafeMutablePointer<Self>,
        rows: Int,
        columns: Int,
        epsilon: Self
    )
    /// Its gradients.
    static func layerNormGradient(
        _ dy: UnsafePointer<Self>,
        weight: UnsafePointer<Self>,
        normalized: UnsafePointer<Self>,
        inverseDeviations: UnsafePointer<Self>,
        dWeight: UnsafeMutablePointer<Self>,
        dBias: UnsafeMutablePointer<Self>,
        dx: UnsafeMutablePointer<Self>,
        rows: Int,
        columns: Int
    )
    /// One AdamW step over part of the buffers.
    static func adam(
        values: UnsafeMutablePointer<Self>,
        gradients: UnsafePointer<Self>,
        mean: UnsafeMutablePointer<Self>,
        square: UnsafeMutablePointer<Self>,
        average: UnsafeMutablePointer<Self>,
        range: Range<Int>,
        _ numbers: AdamNumbers<Self>
    )
    /// One frame of a GRU; see the extension.
    static func gruForward(
        _ a: UnsafeMutablePointer<Self>,
        _ u: UnsafePointer<Self>,
        _ h: UnsafePointer<Self>,
        _ y: UnsafeMutablePointer<Self>,
        count: Int
    )
    /// The same frame backward; see the extension.
    static func gruBackward(
        _ a: UnsafeMutablePointer<Self>,
        _ u: UnsafeMutablePointer<Self>,
        _ h: UnsafePointer<Self>,
        _ dh: UnsafeMutablePointer<Self>,
        count: Int
    )
    /// One depthwise convolution of one sequence; see the extension.
    static func depthwise(
        _ x: UnsafePointer<Self>,
        weight: UnsafePointer<Self>,
        bias: UnsafePointer<Self>,
        output: UnsafeMutablePointer<Self>,
        frames: Int,
        channels: Int,
        taps: Int,
        dilation: Int
    )
    /// Its gradients.
    static func depthwiseGradient(
        _ dy: UnsafePointer<Self>,
        x: UnsafePointer<Self>,
        weight: UnsafePointer<Self>,
        dWeight: UnsafeMutablePointer<Self>,
        dx: UnsafeMutablePointer<Self>,
        frames: Int,
        channels: Int,
        taps: Int,
        dilation: Int
    )
    /// values = 1 / (1 + e^-values).
    static func sigmoid(_ values: UnsafeMutablePointer<Self>, count: Int)
    /// values = tanh(values).
    static func tanh(_ values: UnsafeMutablePointer<Self>, count: Int)
    /// e to the power of x.
    static func exp(_ x: Self) -> Self
    /// Natural logarithm.
    static func log(_ x: Self) -> Self
}

extension TrainingScalar {
    public static func add(_ values: UnsafeMutablePointer<Self>, _ addend: UnsafePointer<Self>, count: Int) {
        for i in 0..<count { values[i] += addend[i] }
    }
    public static func addScaled(
        _ values: UnsafeMutablePointer<Self>,
        _ addend: UnsafePointer<Self>,
        _ scale: Self,
        count: Int
    ) {
        for i in 0..<count { values[i] += scale * addend[i] }
    }
    public static func dot(_ a: UnsafePointer<Self>, _ b: UnsafePointer<Self>, count: Int) -> Self {
        var sum = SIMD8<Self>.zero
        let whole = count & ~7
        for i in stride(from: 0, to: whole, by: 8) {
            sum +=
                UnsafeRawPointer(a + i).loadUnaligned(as: SIMD8<Self>.self)
                * UnsafeRawPointer(b + i).loadUnaligned(as: SIMD8<Self>.self)
        }
        var total = sum.sum()
        for i in whole..<count { total += a[i] * b[i] }
        return total
    }
    public static func multiply(
        _ values: UnsafeMutablePointer<Self>,
        _ factor: UnsafePointer<Self>,
        count: Int
    ) {
        for i in 0..<count { values[i] *= factor[i] }
    }
    public static func addBias(
        _ values: UnsafeMutablePointer<Self>,
        _ bias: UnsafePointer<Self>,
        rows: Int,
        columns: Int
    ) {
        for row in 0..<rows { add(values + row * columns, bias, count: columns) }
    }
    public static func sumRows(
        _ sums: UnsafeMutablePointer<Self>,
        _ values: UnsafePointer<Self>,
        rows: Int,
        columns: Int
    ) {
        for row in 0..<rows { add(sums, values + row * columns, count: columns) }
    }
    public static func relu(_ values: UnsafeMutablePointer<Self>, count: Int) {
        for i in 0..<count { values[i] = values[i] > 0 ? values[i] : 0 }
    }
    public static func reluGradient(
        _ gradient: UnsafeMutablePointer<Self>,
        _ output: UnsafePointer<Self>,
        count: Int
    ) {
        for i in 0..<count { gradient[i] = output[i] > 0 ? gradient[i] : 0 }
    }
}

extension Float: TrainingScalar {
    public static func sigmoid(_ values: UnsafeMutablePointer<Float>, count: Int) {
        var span = MutableSpan(_unsafeStart: values, count: count)
        Activation.sigmoid.apply(&span)
    }
    public static func tanh(_ values: UnsafeMutablePointer<Float>, count: Int) {
        var span = MutableSpan(_unsafeStart: values, count: count)
        Activation.tanh.apply(&span)
    }
    public static func exp(_ x: Float) -> Float { expf(x) }
    public static func log(_ x: Float) -> Float { logf(x) }
}

extension Double: TrainingScalar {
    public static func sigmoid(_ values: UnsafeMutablePointer<Double>, count: Int) {
        for i in 0..<count { values[i] = 1 / (1 + Glibc.exp(-values[i])) }
    }
    public static func tanh(_ values: UnsafeMutablePointer<Double>, count: Int) {
        for i in 0..<count { values[i] = Glibc.tanh(values[i]) }
    }
    public static func exp(_ x: Double) -> Double { Glibc.exp(x) }
    public static func log(_ x: Double) -> Double { Glibc.log(x) }
}
