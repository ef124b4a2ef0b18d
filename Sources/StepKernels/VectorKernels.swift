// SPDX-License-Identifier: Apache-2.0
import CStepKernels

/// The sum of a[i] b[i].
public func dot(_ a: Span<Float>, _ b: Span<Float>) -> Float {
    precondition(a.count == b.count, "\(a.count) against \(b.count) values")
    return a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer { b in kernel_dot(a.baseAddress, b.baseAddress, a.count) }
    }
}

/// y += scale x
public func addScaled(_ scale: Float, _ x: Span<Float>, to y: inout MutableSpan<Float>) {
    precondition(x.count == y.count, "\(x.count) against \(y.count) values")
    y.withUnsafeMutableBufferPointer { y in
        x.withUnsafeBufferPointer { x in kernel_add_scaled(scale, x.baseAddress, y.baseAddress, x.count) }
    }
}

/// y = (x - mean) scale, element by element, clamped to -limit...limit; NaN becomes -limit.
public func normalize(
    _ x: Span<Float>,
    mean: Span<Float>,
    scale: Span<Float>,
    limit: Float,
    into y: inout MutableSpan<Float>
) {
    let count = x.count
    precondition(
        mean.count == count && scale.count == count && y.count == count,
        "\(count) -> \(y.count) values"
    )
    y.withUnsafeMutableBufferPointer { y in
        x.withUnsafeBufferPointer { x in
            mean.withUnsafeBufferPointer { mean in
                scale.withUnsafeBufferPointer { scale in
                    kernel_normalize(
                        x.baseAddress,
                        mean.baseAddress,
                        scale.baseAddress,
                        limit,
                        y.baseAddress,
                        count
                    )
                }
            }
        }
    }
}

/// y[c] = bias[c] + sum over taps of weights[tap, c] x[tap, c]: one frame of a depthwise convolution.
///
/// `weights` and `x` are `[taps, channels]`, oldest tap first; `bias` and `y` are `[channels]`.
public func depthwise(
    weights: Span<Float>,
    bias: Span<Float>,
    _ x: Span<Float>,
    into y: inout MutableSpan<Float>
) {
    let channels = y.count
    precondition(channels > 0 && bias.count == channels, "\(bias.count) biases for \(channels) channels")
    precondition(weights.count == x.count && x.count.isMultiple(of: channels), "\(x.count) values")
    let taps = x.count / channels
    y.withUnsafeMutableBufferPointer { y in
        x.withUnsafeBufferPointer { x in
            weights.withUnsafeBufferPointer { w in
                bias.withUnsafeBufferPointer { b in
                    kernel_depthwise(
                        w.baseAddress,
                        b.baseAddress,
                        x.baseAddress,
                        y.baseAddress,
                        taps,
                        channels
                    )
                }
            }
        }
    }
}

/// y = (x - mean(x)) / sqrt(variance(x) + epsilon) gain + shift, all `[count]`; the variance divides by count.
public func layerNorm(
    _ x: Span<Float>,
    gain: Span<Float>,
    shift: Span<Float>,
    epsilon: Float,
    into y: inout MutableSpan<Float>
) {
    let count = x.count
    precondition(
        gain.count == count && shift.count == count && y.count == count,
        "\(count) -> \(y.count) values"
    )
    y.withUnsafeMutableBufferPointer { y in
        x.withUnsafeBufferPointer { x in
            gain.withUnsafeBufferPointer { gain in
                shift.withUnsafeBufferPointer { shift in
                    kernel_layer_norm(
                        x.baseAddress,
                        gain.baseAddress,
                        shift.baseAddress,
                        epsilon,
                        y.baseAddress,
                        count
                    )
                }
            }
        }
    }
}

/// Last part of a GRU step: h = (1 - z) n + z h.
///
/// `fromInput` = W_i x + b_i and `fromState` = W_h h + b_h, both `[3, count]` in the order reset, update, new
/// (PyTorch's); `h` `[count]` is read and replaced.
public func gruUpdate(fromInput: [Float], fromState: [Float], h: inout [Float]) {
    let count = h.count
    precondition(fromInput.count == 3 * count && fromState.count == 3 * count, "gates for \(count) values")
    h.withUnsafeMutableBufferPointer { h in
        fromInput.withUnsafeBufferPointer { input in
            fromState.withUnsafeBufferPointer { state in
                kernel_gru_update(input.baseAddress, state.baseAddress, h.baseAddress, count)
            }
        }
    }
}
