// SPDX-License-Identifier: Apache-2.0

/// Minimises a smooth function from its gradient.
///
/// Reference: Nocedal & Wright 2006, "Numerical Optimization", algorithms 7.4 (two-loop recursion) and 3.1
/// (backtracking line search).
enum LimitedMemoryBFGS {
    private struct Pair {
        let step: [Double]
        let change: [Double]
        let inverseCurvature: Double
    }

    private static let memory = 10

    /// The minimum that is reached from `start`.
    ///
    /// - Parameters:
    ///   - maximumIterations: gives up after so many.
    ///   - tolerance: done when no component of the gradient is larger.
    ///   - function: the value and the gradient at a point.
    static func minimise(
        from start: [Double],
        maximumIterations: Int = 300,
        tolerance: Double = 1e-4,
        _ function: ([Double]) -> (loss: Double, gradient: [Double])
    ) -> [Double] {
        var point = start
        var (loss, gradient) = function(point)
        var pairs: [Pair] = []
        for _ in 0..<maximumIterations where (gradient.map(abs).max() ?? 0) > tolerance {
            let direction = direction(gradient, pairs)
            var length = pairs.isEmpty ? 1 / max(1, dot(gradient, gradient).squareRoot()) : 1
            let slope = dot(gradient, direction)
            var next = function(moved(point, direction, length))
            while next.loss > loss + 1e-4 * length * slope, length > 1e-12 {
                length /= 2
                next = function(moved(point, direction, length))
            }
            let step = direction.map { $0 * length }
            let change = zip(next.gradient, gradient).map { $0 - $1 }
            let curvature = dot(step, change)
            if curvature > 1e-12 {
                pairs =
                    pairs.suffix(memory - 1) + [
                        Pair(step: step, change: change, inverseCurvature: 1 / curvature)
                    ]
            }
            point = moved(point, direction, length)
            (loss, gradient) = next
        }
        return point
    }

    private static func direction(_ gradient: [Double], _ pairs: [Pair]) -> [Double] {
        var result = gradient.map { -$0 }
        var factors: [Double] = []
        for pair in pairs.reversed() {
            let factor = pair.inverseCurvature * dot(pair.step, result)
            result = moved(result, pair.change, -factor)
            factors.append(factor)
        }
        if let last = pairs.last {
            let scale = 1 / (last.inverseCurvature * dot(last.change, last.change))
            result = result.map { $0 * scale }
        }
        for (pair, factor) in zip(pairs, factors.reversed()) {
            result = moved(result, pair.step, factor - pair.inverseCurvature * dot(pair.change, result))
        }
        return result
    }

    private static func dot(_ left: [Double], _ right: [Double]) -> Double {
        zip(left, right).reduce(0) { $0 + $1.0 * $1.1 }
    }

    private static func moved(_ point: [Double], _ direction: [Double], _ length: Double) -> [Double] {
        zip(point, direction).map { $0 + length * $1 }
    }
}
