// SPDX-License-Identifier: Apache-2.0

/// Causal convolution of each channel by itself: `NeuralLayers.DepthwiseConv1d`, forward and backward.
///
/// y[t,c] = bias[c] + sum over k of W[c,k] x[t - (K - 1 - k) dilation, c], zeros before the start.
public final class DepthwiseConvolution<Scalar: TrainingScalar> {
    private let channels: Int
    private let taps: Int
    private let dilation: Int
    private let parameters: Parameters<Scalar>
    private let weight: Parameters<Scalar>.Entry
    private let bias: Parameters<Scalar>.Entry
    private let output = Workspace<Scalar>()
    private let inputGradients = Workspace<Scalar>()
    private var x: Sequences<Scalar>?

    /// Draws the weights as PyTorch does.
    public init(
        _ parameters: Parameters<Scalar>,
        _ name: String,
        channels: Int,
        taps: Int,
        dilation: Int = 1,
        random: inout TrainingRandom
    ) {
        (self.channels, self.taps, self.dilation, self.parameters) = (channels, taps, dilation, parameters)
        let limit = Scalar(1 / Double(taps).squareRoot())
        weight = parameters.add(name + ".weight", [channels, 1, taps]) { random.uniform(limit) }
        bias = parameters.add(name + ".bias", [channels]) { random.uniform(limit) }
    }

    /// `[B, T, C]` to the same shape.
    public func forward(_ x: Sequences<Scalar>) -> Sequences<Scalar> {
        precondition(x.channels == channels, "\(x.channels) channels, not \(channels)")
        self.x = x
        let y = Sequences(batch: x.batch, frames: x.frames, channels: channels, data: output.zeros(x.count))
        for b in 0..<x.batch {
            let start = b * x.frames * channels
            Scalar.depthwise(
                x.data + start,
                weight: parameters.values + weight.offset,
                bias: parameters.values + bias.offset,
                output: y.data + start,
                frames: x.frames,
                channels: channels,
                taps: taps,
                dilation: dilation
            )
        }
        return y
    }

    /// Adds to the gradients of weight and bias; returns the gradient of the input.
    public func backward(_ dy: Sequences<Scalar>) -> Sequences<Scalar> {
        guard let x else { preconditionFailure("backward before forward") }
        Scalar.sumRows(parameters.gradients + bias.offset, dy.data, rows: dy.rows, columns: channels)
        let dx = Sequences(
            batch: x.batch,
            frames: x.frames,
            channels: channels,
            data: inputGradients.zeros(x.count)
        )
        for b in 0..<x.batch {
            let start = b * x.frames * channels
            Scalar.depthwiseGradient(
                dy.data + start,
                x: x.data + start,
                weight: parameters.values + weight.offset,
                dWeight: parameters.gradients + weight.offset,
                dx: dx.data + start,
                frames: x.frames,
                channels: channels,
                taps: taps,
                dilation: dilation
            )
        }
        return dx
    }
}

extension TrainingScalar {
    /// `weight` is PyTorch's [C, 1, K].
    public static func depthwise(
        _ x: UnsafePointer<Self>,
        weight: UnsafePointer<Self>,
        bias: UnsafePointer<Self>,
        output: UnsafeMutablePointer<Self>,
        frames: Int,
        channels: Int,
        taps: Int,
        dilation: Int
    ) {
        for t in 0..<frames {
            let y = output + t * channels
            for c in 0..<channels { y[c] = bias[c] }
            for k in 0..<taps {
                let source = t - (taps - 1 - k) * dilation
                guard source >= 0 else { continue }
                for c in 0..<channels { y[c] += weight[c * taps + k] * x[source * channels + c] }
            }
        }
    }

    /// Adds to `dWeight` and `dx`.
    public static func depthwiseGradient(
        _ dy: UnsafePointer<Self>,
        x: UnsafePointer<Self>,
        weight: UnsafePointer<Self>,
        dWeight: UnsafeMutablePointer<Self>,
        dx: UnsafeMutablePointer<Self>,
        frames: Int,
        channels: Int,
        taps: Int,
        dilation: Int
    ) {
        for t in 0..<frames {
            for k in 0..<taps {
                let source = t - (taps - 1 - k) * dilation
                guard source >= 0 else { continue }
                for c in 0..<channels {
                    dWeight[c * taps + k] += dy[t * channels + c] * x[source * channels + c]
                    dx[source * channels + c] += dy[t * channels + c] * weight[c * taps + k]
                }
            }
        }
    }
}
