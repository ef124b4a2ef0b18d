// SPDX-License-Identifier: Apache-2.0
import Foundation
import StepKernels
import TestSupport
import Testing

/// y = W x + b by its formula, in double precision: the reference for the fast kernels.
private func naiveMatrixVector(_ weights: [Float], _ bias: [Float], _ x: [Float]) -> [Float] {
    bias.indices.map { row in
        let products = x.indices.map { Double(weights[row * x.count + $0]) * Double(x[$0]) }
        return Float(products.reduce(Double(bias[row]), +))
    }
}

private func random(_ count: Int, seed: UInt64, limit: Float = 1) -> [Float] {
    var generator = SeededRandom(seed: seed)
    return (0..<count).map { _ in .random(in: -limit...limit, using: &generator) }
}

private func largestDifference(_ a: [Float], _ b: [Float]) -> Float {
    a.count == b.count ? zip(a, b).map { abs($0 - $1) }.max() ?? 0 : .infinity
}

struct StepKernelsTests {
    // Below, at and above one vector, one panel, and several panels with every kind of remainder.
    static let rows = [1, 2, 15, 16, 17, 31, 33, 47, 48, 49, 63, 64, 65, 80, 96, 112, 127, 128, 160, 192]
    static let columns = [1, 2, 3, 16, 33, 100]

    @Test(arguments: rows, columns)
    func matrixVectorEqualsTheNaiveOne(rows: Int, columns: Int) {
        let (weights, bias) = (random(rows * columns, seed: 1), random(rows, seed: 2))
        let matrix = PackedMatrix(weights, rows: rows, columns: columns, bias: bias)
        let x = random(columns, seed: 3)
        // 16 values more than the kernel may write, to detect overruns.
        var y = [Float](repeating: 99, count: rows + 16)
        y.withUnsafeMutableBufferPointer { buffer in
            var part = MutableSpan(_unsafeElements: UnsafeMutableBufferPointer(rebasing: buffer[..<rows]))
            matrix.multiply(x.span, into: &part)
        }
        #expect(largestDifference(Array(y[..<rows]), naiveMatrixVector(weights, bias, x)) < 1e-5)
        #expect(y[rows...].allSatisfy { $0 == 99 })
    }

    @Test(arguments: rows, [1, 3, 4, 5, 9])
    func matrixRowsEqualTheNaiveOnes(rows: Int, count: Int) {
        let columns = 21
        let weights = random(rows * columns, seed: 4)
        let matrix = PackedMatrix(weights, rows: rows, columns: columns)
        let x = random(count * columns, seed: 5)
        let expected = (0..<count).flatMap { t in
            naiveMatrixVector(
                weights,
                Array(repeating: 0, count: rows),
                Array(x[t * columns..<(t + 1) * columns])
            )
        }
        #expect(largestDifference(matrix.multiply(sequence: x), expected) < 1e-5)
        #expect(matrix.multiply(sequence: []).isEmpty)
    }

    @Test(arguments: [0, 1, 7, 15, 16, 17, 32, 100])
    func dotAndAddScaledEqualTheFormula(_ count: Int) {
        let (a, b) = (random(count, seed: 6), random(count, seed: 7))
        let expected = zip(a, b).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        #expect(abs(Double(dot(a.span, b.span)) - expected) < 1e-5)
        var y = b
        var span = y.mutableSpan
        addScaled(-0.5, a.span, to: &span)
        #expect(largestDifference(y, zip(a, b).map { $1 - 0.5 * $0 }) < 1e-6)
    }

    @Test(arguments: [1, 5, 16, 40], [1, 3, 7])
    func depthwiseEqualsTheFormula(channels: Int, taps: Int) {
        let (weights, x) = (random(taps * channels, seed: 8), random(taps * channels, seed: 9))
        let bias = random(channels, seed: 10)
        var y = [Float](repeating: 0, count: channels)
        var span = y.mutableSpan
        depthwise(weights: weights.span, bias: bias.span, x.span, into: &span)
        let expected = (0..<channels).map { c in
            (0..<taps).reduce(bias[c]) { $0 + weights[$1 * channels + c] * x[$1 * channels + c] }
        }
        #expect(largestDifference(y, expected) < 1e-5)
    }

    @Test func normalizedValuesStayWithinTheLimit() {
        let x: [Float] = [3, -200, .infinity, -.infinity, .nan]
        var y = [Float](repeating: 0, count: 5)
        var span = y.mutableSpan
        let (mean, scale) = ([Float](repeating: 1, count: 5), [Float](repeating: 2, count: 5))
        normalize(x.span, mean: mean.span, scale: scale.span, limit: 10, into: &span)
        #expect(y == [4, -10, 10, -10, -10])
    }

    @Test(arguments: [(Activation.sigmoid, 1e-6), (.tanh, 1e-6), (.gelu, 2e-6), (.relu, 0)])
    func activationsFollowTheirFunctionsEverywhere(_ activation: Activation, tolerance: Double) {
        let x = stride(from: Float(-20), through: 20, by: 0.0037).map { $0 }
        var y = x
        activation.apply(&y)
        for (x, y) in zip(x, y) {
            let exact =
                switch activation {
                case .relu: max(0, Double(x))
                case .gelu: 0.5 * Double(x) * (1 + erf(Double(x) / 2.0.squareRoot()))
                case .sigmoid: 1 / (1 + exp(-Double(x)))
                case .tanh: tanh(Double(x))
                }
            #expect(abs(Double(y) - exact) <= tolerance, "\(activation) of \(x)")
        }
    }

    @Test(arguments: Activation.allCases)
    func activationsAreDefinedForLargeInputsAndKeepNaN(_ activation: Activation) {
        var y: [Float] = [-.greatestFiniteMagnitude, -.infinity, .greatestFiniteMagnitude, 0, .nan]
        activation.apply(&y)
        let low: Float = activation == .tanh ? -1 : 0
        #expect(abs(y[0] - low) < 1e-6)
        #expect(y[1].isNaN || abs(y[1] - low) < 1e-6)
        #expect(y[2] >= 1)
        #expect(y[3] == (activation == .sigmoid ? 0.5 : 0))
        #expect(y[4].isNaN)
    }

    @Test func exponentialIsAccurateAndLimited() {
        for x in stride(from: Float(-87), through: 88, by: 0.013) {
            let exact = exp(Double(x))
            #expect(abs(Double(exponential(x)) - exact) <= 3e-7 * exact, "e^\(x)")
        }
        #expect(exponential(1e9) == exponential(88) && exponential(-1e9) == exponential(-87))
    }

    @Test func softmaxSumsToOneWhateverTheSize() {
        for values: [Float] in [[0], [1, 2, 3], [-1e30, 0, 1e30], [500, 500]] {
            var result = values
            var span = result.mutableSpan
            softmax(&span)
            #expect(abs(result.reduce(0, +) - 1) < 1e-5)
        }
    }
}
