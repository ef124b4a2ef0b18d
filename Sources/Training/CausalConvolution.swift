// SPDX-License-Identifier: Apache-2.0
import MatrixProducts

/// Causal convolution over a batch: `NeuralLayers.CausalConv1d`, forward and backward.
///
/// B batch, T frames in, U frames out = ceil(T / stride), C channels in, O out, K taps.
/// y[b,u] = bias + sum over k of W[k] x[b, u stride - (K - 1 - k) dilation], zeros before the start.
/// The columns that an output sees are packed side by side, [B U, K C], so that forward is one matrix product and
/// backward two.
public final class CausalConvolution<Scalar: TrainingScalar> {
    let inputs: Int
    let outputs: Int
    let taps: Int
    let stride: Int
    let dilation: Int
    private let parameters: Parameters<Scalar>
    private let weight: Parameters<Scalar>.Entry
    private let bias: Parameters<Scalar>.Entry
    private let columns = Workspace<Scalar>()
    private let columnGradients = Workspace<Scalar>()
    private let tapMajor = Workspace<Scalar>()
    private let output = Workspace<Scalar>()
    private let inputGradients = Workspace<Scalar>()
    private var inputFrames = 0
    /// What the last forward returned; the next layer may have changed it in place.
    private(set) lazy var lastOutput = Sequences(batch: 0, frames: 0, channels: outputs, data: output.pointer)

    public init(
        _ parameters: Parameters<Scalar>,
        _ name: String,
        inputs: Int,
        outputs: Int,
        taps: Int,
        stride: Int = 1,
        dilation: Int = 1,
        random: inout TrainingRandom
    ) {
        (self.inputs, self.outputs, self.taps) = (inputs, outputs, taps)
        (self.stride, self.dilation, self.parameters) = (stride, dilation, parameters)
        let limit = Scalar(1 / Double(inputs * taps).squareRoot())
        weight = parameters.add(name + ".weight", [outputs, inputs, taps]) { random.uniform(limit) }
        bias = parameters.add(name + ".bias", [outputs]) { random.uniform(limit) }
    }

    /// Runs the layer over a batch; the result stays valid until the next call.
    public func forward(_ x: Sequences<Scalar>) -> Sequences<Scalar> {
        precondition(x.channels == inputs, "\(x.channels) channels, not \(inputs)")
        inputFrames = x.frames
        let frames = (x.frames + stride - 1) / stride
        let y = Sequences(
            batch: x.batch,
            frames: frames,
            channels: outputs,
            data: output.reserve(x.batch * frames * outputs)
        )
        pack(x, frames)
        loadTapMajor()
        y.data.update(repeating: 0, count: y.count)
        Scalar.addBias(y.data, parameters.values + bias.offset, rows: y.rows, columns: outputs)
        Scalar.gemm(
            transposeA: false,
            transposeB: true,
            rows: y.rows,
            columns: outputs,
            inner: taps * inputs,
            alpha: 1,
            a: columns.pointer,
            strideA: taps * inputs,
            b: tapMajor.pointer,
            strideB: taps * inputs,
            beta: 1,
            c: y.data,
            strideC: outputs
        )
        lastOutput = y
        return y
    }

    /// Adds to the gradients of weight and bias; the gradient of the input is made only if it `isNeeded`.
    public func backward(_ dy: Sequences<Scalar>, inputGradientIsNeeded isNeeded: Bool = true) -> Sequences<
        Scalar
    > {
        Scalar.sumRows(parameters.gradients + bias.offset, dy.data, rows: dy.rows, columns: outputs)
        let width = taps * inputs
        let dColumns = columnGradients.reserve(max(dy.rows, outputs) * width)
        Scalar.gemm(
            transposeA: true,
            transposeB: false,
            rows: outputs,
            columns: width,
            inner: dy.rows,
            alpha: 1,
            a: dy.data,
            strideA: outputs,
            b: columns.pointer,
            strideB: width,
            beta: 0,
            c: dColumns,
            strideC: width
        )
        addWeightGradient(dColumns)
        let dx = Sequences(
            batch: dy.batch,
            frames: inputFrames,
            channels: inputs,
            data: inputGradients.zeros(dy.batch * inputFrames * inputs)
        )
        guard isNeeded else { return dx }
        Scalar.gemm(
            transposeA: false,
            transposeB: false,
            rows: dy.rows,
            columns: width,
            inner: outputs,
            alpha: 1,
            a: dy.data,
            strideA: outputs,
            b: tapMajor.pointer,
            strideB: width,
            beta: 0,
            c: dColumns,
            strideC: width
        )
        unpack(dColumns, dy.frames, into: dx)
        return dx
    }
}

extension CausalConvolution {
    /// Calls `body` with the output row, the tap, and the input row that it sees, where there is one.
    private func eachColumn(_ batch: Int, _ frames: Int, _ body: (Int, Int, Int?) -> Void) {
        for b in 0..<batch {
            for u in 0..<frames {
                for k in 0..<taps {
                    let t = u * stride - (taps - 1 - k) * dilation
                    body(b * frames + u, k, t >= 0 ? b * inputFrames + t : nil)
                }
            }
        }
    }

    private func pack(_ x: Sequences<Scalar>, _ frames: Int) {
        let packed = columns.reserve(x.batch * frames * taps * inputs)
        eachColumn(x.batch, frames) { row, tap, source in
            let place = packed + (row * taps + tap) * inputs
            if let source {
                place.update(from: x.data + source * inputs, count: inputs)
            } else {
                place.update(repeating: 0, count: inputs)
            }
        }
    }

    private func unpack(_ packed: UnsafeMutablePointer<Scalar>, _ frames: Int, into dx: Sequences<Scalar>) {
        eachColumn(dx.batch, frames) { row, tap, target in
            guard let target else { return }
            Scalar.add(dx.data + target * inputs, packed + (row * taps + tap) * inputs, count: inputs)
        }
    }

    /// PyTorch keeps [O, C, K]; the packed columns are [K, C].
    private func loadTapMajor() {
        let place = tapMajor.reserve(outputs * taps * inputs)
        let w = parameters.values + weight.offset
        for o in 0..<outputs {
            for k in 0..<taps {
                for c in 0..<inputs { place[(o * taps + k) * inputs + c] = w[(o * inputs + c) * taps + k] }
            }
        }
    }

    private func addWeightGradient(_ dw: UnsafeMutablePointer<Scalar>) {
        let gradient = parameters.gradients + weight.offset
        for o in 0..<outputs {
            for k in 0..<taps {
                for c in 0..<inputs {
                    gradient[(o * inputs + c) * taps + k] += dw[(o * taps + k) * inputs + c]
                }
            }
        }
    }
}
