// SPDX-License-Identifier: Apache-2.0

// Each loop is documented at the requirement of its name in `TrainingScalar`.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
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
    public static func multiplyAdd(
        _ values: UnsafeMutablePointer<Self>,
        _ a: UnsafePointer<Self>,
        _ b: UnsafePointer<Self>,
        count: Int
    ) {
        for i in 0..<count { values[i] += a[i] * b[i] }
    }
    public static func gelu(
        _ values: UnsafePointer<Self>,
        into output: UnsafeMutablePointer<Self>,
        count: Int
    ) {
        for i in 0..<count { output[i] = values[i] * normalDistribution(values[i]) }
    }
    public static func geluGradient(
        _ gradient: UnsafeMutablePointer<Self>,
        _ values: UnsafePointer<Self>,
        count: Int
    ) {
        let peak = 1 / (2 * Self.pi).squareRoot()
        for i in 0..<count {
            let density = peak * exp(-values[i] * values[i] / 2)
            gradient[i] *= normalDistribution(values[i]) + values[i] * density
        }
    }
    private static func normalDistribution(_ x: Self) -> Self { (1 + erf(x / Self(2).squareRoot())) / 2 }

    public static func tapsFirst(
        _ values: UnsafePointer<Self>,
        into output: UnsafeMutablePointer<Self>,
        rows: Int,
        _ taps: Int
    ) {
        for tap in 0..<taps {
            for row in 0..<rows { output[tap * rows + row] = values[row * taps + tap] }
        }
    }
    public static func addTapsFirst(
        _ values: UnsafePointer<Self>,
        to sums: UnsafeMutablePointer<Self>,
        rows: Int,
        _ taps: Int
    ) {
        for tap in 0..<taps {
            for row in 0..<rows { sums[row * taps + tap] += values[tap * rows + row] }
        }
    }
    public static func dropoutMask(
        _ mask: UnsafeMutablePointer<Self>,
        count: Int,
        share: Double,
        _ random: inout TrainingRandom
    ) {
        let threshold = UInt64(share * 65_536)
        let kept = Self(1 / (1 - share))
        var bits: UInt64 = 0
        for index in 0..<count {
            bits = index % 4 == 0 ? random.next() : bits >> 16
            mask[index] = bits & 0xFFFF < threshold ? 0 : kept
        }
    }
    public static func poolWeights(
        _ weights: UnsafeMutablePointer<Self>,
        _ scores: UnsafePointer<Self>,
        outside: UnsafePointer<Self>,
        limit: Self,
        count: Int
    ) {
        for i in 0..<count { weights[i] = outside[i] * exp(min(max(scores[i], -limit), limit)) }
    }
    public static func sigmoid(
        _ values: UnsafePointer<Self>,
        into output: UnsafeMutablePointer<Self>,
        count: Int
    ) {
        for i in 0..<count { output[i] = sigmoid(values[i]) }
    }
    private static func sigmoid(_ x: Self) -> Self { 1 / (1 + exp(-x)) }
}
