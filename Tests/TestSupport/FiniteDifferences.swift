// SPDX-License-Identifier: Apache-2.0

/// The largest relative difference between `gradient` and the central differences of `loss` around `point`, in Double.
///
/// Slopes below 0.001 count as 0.001, because rounding errors dominate slopes near zero.
public func worstSlopeError(
    around point: [Double],
    gradient: [Double],
    move: Double = 1e-5,
    loss: ([Double]) -> Double
) -> Double {
    guard gradient.count == point.count else { return .infinity }
    return point.indices.reduce(0) { worst, index in
        var moved = point
        moved[index] = point[index] + move
        let above = loss(moved)
        moved[index] = point[index] - move
        let slope = (above - loss(moved)) / (2 * move)
        return max(worst, abs(slope - gradient[index]) / (abs(slope) + abs(gradient[index]) + 1e-3))
    }
}
