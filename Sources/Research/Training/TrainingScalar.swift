// SPDX-License-Identifier: Apache-2.0
import Glibc
public import MatrixProducts

/// A number type for training: Float in use, Double for gradient checks by finite differences.
///
/// `Double` uses the plain loops in the extensions, and the kernels of `Float` (`TrainingScalar+Float.swift`) must give
/// the same results.
///
/// A kernel's signature is written in five places, for these reasons. C needs a declaration and a definition. Swift calls a
/// function of a protocol extension statically, so generic layers would always run the plain loop without a requirement.
/// The plain loop is the requirement's default. An imported C function cannot satisfy a requirement, because it is not a
/// member of `Float` and counts in `size_t`, so an extension of `Float` calls it. A loop without a kernel is a
/// requirement too, so that each number type gets a specialised copy.
public protocol TrainingScalar: MatrixScalar, SIMDScalar, Codable, MemoryLoops, ImageLoops, BatchLoops {
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
    /// output = values times the normal distribution function of values: the exact GELU.
    static func gelu(
        _ values: UnsafePointer<Self>,
        into output: UnsafeMutablePointer<Self>,
        count: Int
    )
    /// gradient *= the slope of GELU at values.
    static func geluGradient(
        _ gradient: UnsafeMutablePointer<Self>,
        _ values: UnsafePointer<Self>,
        count: Int
    )
    /// values += scale addend.
    static func addScaled(
        _ values: UnsafeMutablePointer<Self>,
        _ addend: UnsafePointer<Self>,
        _ scale: Self,
        count: Int
    )
    /// The sum of a[i] b[i].
    static func dot(_ a: UnsafePointer<Self>, _ b: UnsafePointer<Self>, count: Int) -> Self
    /// values *= factor, number by number.
    static func multiply(_ values: UnsafeMutablePointer<Self>, _ factor: UnsafePointer<Self>, count: Int)
    /// values += a b, number by number.
    static func multiplyAdd(
        _ values: UnsafeMutablePointer<Self>,
        _ a: UnsafePointer<Self>,
        _ b: UnsafePointer<Self>,
        count: Int
    )
    /// Transposes PyTorch's `[rows, taps]`, with the taps of a convolution last, to `[taps, rows]`.
    static func tapsFirst(
        _ values: UnsafePointer<Self>,
        into output: UnsafeMutablePointer<Self>,
        rows: Int,
        _ taps: Int
    )
    /// sums `[rows, taps]` += values `[taps, rows]`.
    static func addTapsFirst(
        _ values: UnsafePointer<Self>,
        to sums: UnsafeMutablePointer<Self>,
        rows: Int,
        _ taps: Int
    )
    /// mask = 0 for the given share of the values, drawn from `random`, and 1 / (1 - share) for the others.
    static func dropoutMask(
        _ mask: UnsafeMutablePointer<Self>,
        count: Int,
        share: Double,
        _ random: inout TrainingRandom
    )
    /// weights = outside exp(clamp(scores, -limit, limit)).
    static func poolWeights(
        _ weights: UnsafeMutablePointer<Self>,
        _ scores: UnsafePointer<Self>,
        outside: UnsafePointer<Self>,
        limit: Self,
        count: Int
    )
    /// output = 1 / (1 + exp(-values)).
    static func sigmoid(_ values: UnsafePointer<Self>, into output: UnsafeMutablePointer<Self>, count: Int)
    /// One frame of a GRU for one sequence; see ``GRU``. `gates` holds the input's part before and
    /// r, z, n after; `fromState` is W_h h without its bias.
    static func gru(
        gates: UnsafeMutablePointer<Self>,
        fromState: UnsafePointer<Self>,
        stateBias: UnsafePointer<Self>,
        previous: UnsafePointer<Self>,
        stateNew: UnsafeMutablePointer<Self>,
        h: UnsafeMutablePointer<Self>,
        width: Int
    )
    /// The gradient of a GRU frame: `gates` become the gradients of the input's part, `dFromState` those of W_h h + b_h,
    /// and `dh` the part that reaches the previous frame without passing the gates.
    static func gruGradient(
        gates: UnsafeMutablePointer<Self>,
        stateNew: UnsafePointer<Self>,
        previous: UnsafePointer<Self>,
        dh: UnsafeMutablePointer<Self>,
        dFromState: UnsafeMutablePointer<Self>,
        width: Int
    )
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
    /// The gradients of layer normalisation.
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
    /// Takes one AdamW step over part of the buffers.
    static func adam(
        values: UnsafeMutablePointer<Self>,
        gradients: UnsafePointer<Self>,
        mean: UnsafeMutablePointer<Self>,
        square: UnsafeMutablePointer<Self>,
        average: UnsafeMutablePointer<Self>,
        range: Range<Int>,
        _ numbers: AdamNumbers<Self>
    )
    /// e to the power of x.
    static func exp(_ x: Self) -> Self
    /// Natural logarithm.
    static func log(_ x: Self) -> Self
    /// Hyperbolic tangent.
    static func tanh(_ x: Self) -> Self
    /// Error function.
    static func erf(_ x: Self) -> Self
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Float: TrainingScalar {
    public static func exp(_ x: Float) -> Float { expf(x) }
    public static func log(_ x: Float) -> Float { logf(x) }
    public static func tanh(_ x: Float) -> Float { tanhf(x) }
    public static func erf(_ x: Float) -> Float { erff(x) }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Double: TrainingScalar {
    public static func exp(_ x: Double) -> Double { Glibc.exp(x) }
    public static func log(_ x: Double) -> Double { Glibc.log(x) }
    public static func tanh(_ x: Double) -> Double { Glibc.tanh(x) }
    public static func erf(_ x: Double) -> Double { Glibc.erf(x) }
}
