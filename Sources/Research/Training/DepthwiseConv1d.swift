// SPDX-License-Identifier: Apache-2.0

/// Causal convolution of each channel separately: `NeuralLayers.DepthwiseConv1d`, forward and backward.
///
/// B batch, T frames, C channels, K taps.
/// y[b,t,c] = bias[c] + sum over k of w[c,k] x[b, t - (K - 1 - k) dilation, c], zeros before the start.
public final class DepthwiseConv1d<Scalar: TrainingScalar>: SequenceLayer {
    private let channels: Int
    private let taps: Int
    private let dilation: Int
    private let weight: Parameter<Scalar>
    private let bias: Parameter<Scalar>
    private let tapMajor = Workspace<Scalar>()
    private let tapMajorGradients = Workspace<Scalar>()
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
        (self.channels, self.taps, self.dilation) = (channels, taps, dilation)
        let limit = Scalar(1 / Double(taps).squareRoot())
        weight = parameters.add(name + ".weight", [channels, 1, taps]) { random.uniform(limit) }
        bias = parameters.add(name + ".bias", [channels]) { random.uniform(limit) }
    }

    /// The output; see the type.
    public func forward(_ x: Sequences<Scalar>, _ dropout: DropoutSource? = nil)
        -> Sequences<Scalar>
    {
        self.x = x
        let y = x.like(output)
        Scalar.tapsFirst(weight.values, into: tapMajor.reserve(weight.entry.count), rows: channels, taps)
        y.data.clear(count: y.count)
        Scalar.addBias(y.data, bias.values, rows: y.rows, columns: channels)
        eachColumn(y) { output, input, tap in
            Scalar.multiplyAdd(y.data + output, tapMajor.pointer + tap, x.data + input, count: channels)
        }
        return y
    }

    /// The gradient of the input; adds to those of the parameters.
    public func backward(_ dy: Sequences<Scalar>) -> Sequences<Scalar> {
        guard let x else { preconditionFailure("backward before forward") }
        Scalar.sumRows(bias.gradients, dy.data, rows: dy.rows, columns: channels)
        let dw = tapMajorGradients.zeros(weight.entry.count)
        let dx = dy.like(inputGradients)
        dx.data.clear(count: dx.count)
        eachColumn(dy) { output, input, tap in
            Scalar.multiplyAdd(dx.data + input, tapMajor.pointer + tap, dy.data + output, count: channels)
            Scalar.multiplyAdd(dw + tap, x.data + input, dy.data + output, count: channels)
        }
        Scalar.addTapsFirst(dw, to: weight.gradients, rows: channels, taps)
        return dx
    }

    /// Calls `body` with the offsets of an output column, of an input column that it depends on, and of the tap between.
    private func eachColumn(_ y: Sequences<Scalar>, _ body: (Int, Int, Int) -> Void) {
        for b in 0..<y.batch {
            for t in 0..<y.frames {
                let output = (b * y.frames + t) * channels
                for k in 0..<taps {
                    let delay = (taps - 1 - k) * dilation
                    if delay <= t { body(output, output - delay * channels, k * channels) }
                }
            }
        }
    }
}
