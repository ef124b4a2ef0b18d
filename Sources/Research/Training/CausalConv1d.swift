// SPDX-License-Identifier: Apache-2.0

/// Causal convolution over a batch: `NeuralLayers.CausalConv1d`, forward and backward.
///
/// B batch, T frames in, U frames out = ceil(T / stride), C channels in, O out, K taps.
/// y[b,u] = bias + sum over k of W[k] x[b, u stride - (K - 1 - k) dilation], zeros before the start.
/// Each tap is one matrix product on the frames that it covers, in place: no input is padded or packed.
public final class CausalConv1d<Scalar: TrainingScalar>: SequenceLayer {
    private let inputs: Int
    private let outputs: Int
    private let taps: Int
    private let stride: Int
    private let dilation: Int
    private let isFirst: Bool
    private let weight: Parameter<Scalar>
    private let bias: Parameter<Scalar>
    private let tapMajor = Workspace<Scalar>()
    private let tapMajorGradients = Workspace<Scalar>()
    private let output = Workspace<Scalar>()
    private let inputGradients = Workspace<Scalar>()
    private var x: Sequences<Scalar>?

    /// Draws the weights as PyTorch does.
    ///
    /// - Parameter isFirst: true if the gradient of the input is not needed.
    public init(
        _ parameters: Parameters<Scalar>,
        _ name: String,
        inputs: Int,
        outputs: Int,
        taps: Int,
        stride: Int = 1,
        dilation: Int = 1,
        isFirst: Bool = false,
        random: inout TrainingRandom
    ) {
        (self.inputs, self.outputs, self.taps) = (inputs, outputs, taps)
        (self.stride, self.dilation, self.isFirst) = (stride, dilation, isFirst)
        let limit = Scalar(1 / Double(inputs * taps).squareRoot())
        weight = parameters.add(name + ".weight", [outputs, inputs, taps]) { random.uniform(limit) }
        bias = parameters.add(name + ".bias", [outputs]) { random.uniform(limit) }
    }

    /// The output; see the type.
    public func forward(_ x: Sequences<Scalar>, _ dropout: DropoutSource?)
        -> Sequences<Scalar>
    {
        precondition(x.channels == inputs, "\(x.channels) channels, not \(inputs)")
        self.x = x
        let frames = (x.frames + stride - 1) / stride
        let y = Sequences(
            batch: x.batch,
            frames: frames,
            channels: outputs,
            data: output.reserve(x.batch * frames * outputs)
        )
        Scalar.tapsFirst(
            weight.values,
            into: tapMajor.reserve(weight.entry.count),
            rows: outputs * inputs,
            taps
        )
        for tap in tapsFromTheNewest {
            let w = matrix(of: tap, in: tapMajor)
            eachPiece(of: tap, x, y) { x, y in
                if tap < taps - 1 { y.addProduct(x, w.transposed) } else { y.setProduct(x, w.transposed) }
            }
        }
        Scalar.addBias(y.data, bias.values, rows: y.rows, columns: outputs)
        return y
    }

    /// Adds to the gradients of weight and bias.
    public func backward(_ dy: Sequences<Scalar>) -> Sequences<Scalar> {
        guard let x else { preconditionFailure("backward before forward") }
        Scalar.sumRows(bias.gradients, dy.data, rows: dy.rows, columns: outputs)
        _ = tapMajorGradients.zeros(weight.entry.count)
        let dx = x.like(inputGradients)
        // With stride 1 the newest tap covers every frame, so it writes all of dx before the others add to it.
        if stride > 1 && !isFirst { dx.data.clear(count: dx.count) }
        for tap in tapsFromTheNewest {
            let dw = matrix(of: tap, in: tapMajorGradients)
            eachPiece(of: tap, x, dy) { x, dy in dw.addProduct(dy.transposed, x) }
            guard !isFirst else { continue }
            let w = matrix(of: tap, in: tapMajor)
            eachPiece(of: tap, dx, dy) { dx, dy in
                if stride > 1 || tap < taps - 1 { dx.addProduct(dy, w) } else { dx.setProduct(dy, w) }
            }
        }
        Scalar.addTapsFirst(
            tapMajorGradients.pointer,
            to: weight.gradients,
            rows: outputs * inputs,
            taps
        )
        return dx
    }
}

extension CausalConv1d {
    private var tapsFromTheNewest: ReversedCollection<Range<Int>> { (0..<taps).reversed() }

    private func matrix(of tap: Int, in workspace: Workspace<Scalar>) -> Matrix<Scalar> {
        Matrix(workspace.pointer + tap * outputs * inputs, rows: outputs, columns: inputs)
    }

    /// Calls `body` with the frames of x that `tap` covers and the frames of y that they affect, equally many of each.
    private func eachPiece(
        of tap: Int,
        _ x: Sequences<Scalar>,
        _ y: Sequences<Scalar>,
        _ body: (Matrix<Scalar>, Matrix<Scalar>) -> Void
    ) {
        let delay = (taps - 1 - tap) * dilation
        if delay == 0 && stride == 1 { return body(x.matrix, y.matrix) }
        let first = (delay + stride - 1) / stride
        let count = y.frames - first
        guard count > 0 else { return }
        for b in 0..<x.batch {
            body(
                x.frames(of: b, from: first * stride - delay, every: stride, count: count),
                y.frames(of: b, from: first, count: count)
            )
        }
    }
}
