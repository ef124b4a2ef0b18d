// SPDX-License-Identifier: Apache-2.0

/// Scaled dot-product attention of every frame of a sequence to every frame, in several heads (Vaswani et al. 2017,
/// arXiv:1706.03762, equation 1).
///
/// B batch, T frames, C channels in, D channels a head, N heads: q, k and v are a linear layer's `[3, N, D]`, and head n
/// gives softmax(q k^T / sqrt(D)) v; the heads are concatenated, `[B, T, N D]`. The caller adds the output
/// projection, a ``Linear``. Not causal, and every sequence of a batch has the same length.
public final class SelfAttention<Scalar: TrainingScalar>: SequenceLayer {
    private let heads: Int
    private let size: Int
    private let projection: Linear<Scalar>
    /// [B, N, T, T]: the weights of each head.
    private let weights = Workspace<Scalar>()
    private let weightGradients = Workspace<Scalar>()
    private let projectedGradients = Workspace<Scalar>()
    private let output = Workspace<Scalar>()
    private var projected: Sequences<Scalar>?

    /// Draws the weights as a linear layer does.
    public init(
        _ parameters: Parameters<Scalar>,
        _ name: String,
        inputs: Int,
        heads: Int,
        headSize: Int,
        random: inout TrainingRandom
    ) {
        (self.heads, size) = (heads, headSize)
        projection = Linear(
            parameters,
            name,
            inputs: inputs,
            outputs: 3 * heads * headSize,
            random: &random
        )
    }

    /// The output; see the type.
    public func forward(_ x: Sequences<Scalar>, _ dropout: DropoutSource? = nil) -> Sequences<Scalar> {
        let p = projection.forward(x, dropout)
        projected = p
        let y = x.like(output, channels: heads * size)
        let all = weights.reserve(x.batch * heads * x.frames * x.frames)
        for b in 0..<x.batch {
            for head in 0..<heads {
                let w = square(all, b, head, frames: x.frames)
                let (q, k, v) = (part(p, b, head), part(p, b, heads + head), part(p, b, 2 * heads + head))
                w.setProduct(q, k.transposed)
                Scalar.scale(w.data, by: inverseRoot, count: x.frames * x.frames)
                Scalar.softmaxRows(w.data, rows: x.frames, columns: x.frames)
                part(y, b, head).setProduct(w, v)
            }
        }
        return y
    }

    /// The gradient of the input; adds to those of the projection.
    public func backward(_ dy: Sequences<Scalar>) -> Sequences<Scalar> {
        guard let p = projected else { preconditionFailure("backward before forward") }
        let dp = p.like(projectedGradients)
        let frames = dy.frames
        let dw = Matrix(weightGradients.reserve(frames * frames), rows: frames, columns: frames)
        for b in 0..<dy.batch {
            for head in 0..<heads {
                let w = square(weights.pointer, b, head, frames: frames)
                let d = part(dy, b, head)
                part(dp, b, 2 * heads + head).setProduct(w.transposed, d)
                dw.setProduct(d, part(p, b, 2 * heads + head).transposed)
                Scalar.softmaxRowsGradient(dw.data, w.data, rows: frames, columns: frames)
                Scalar.scale(dw.data, by: inverseRoot, count: frames * frames)
                part(dp, b, head).setProduct(dw, part(p, b, heads + head))
                part(dp, b, heads + head).setProduct(dw.transposed, part(p, b, head))
            }
        }
        return projection.backward(dp)
    }

    private var inverseRoot: Scalar { 1 / Scalar(size).squareRoot() }

    /// Block `index` of `size` channels of one sequence.
    private func part(_ x: Sequences<Scalar>, _ b: Int, _ index: Int) -> Matrix<Scalar> {
        let start = x.data + b * x.frames * x.channels + index * size
        return Matrix(start, rows: x.frames, columns: size, stride: x.channels)
    }

    private func square(_ all: UnsafeMutablePointer<Scalar>, _ b: Int, _ head: Int, frames: Int) -> Matrix<
        Scalar
    > {
        Matrix(all + (b * heads + head) * frames * frames, rows: frames, columns: frames)
    }
}
