// SPDX-License-Identifier: Apache-2.0

/// Attention with the last state of a recurrence as query: `[B, T, C]` to `[B, 1, C]`
/// (RnnAttenVec of Lin & Busso, TAFFC 14(2), 2023; Luong et al. 2015, arXiv:1508.04025, "general").
///
///     h = RNN(x)   s_t = (W h_t) . h_T   a = softmax(s)   c = sum of a_t h_t
///     y = tanh(W_o [c ; h_T])
public final class RecurrentAttention<Scalar: TrainingScalar>: SequenceLayer {
    private let recurrence: RNN<Scalar>
    private let score: Linear<Scalar>
    private let combine: Linear<Scalar>
    private let weights = Workspace<Scalar>()
    private let joined = Workspace<Scalar>()
    private let sumGradients = Workspace<Scalar>()
    private let stateGradients = Workspace<Scalar>()
    private let keyGradients = Workspace<Scalar>()
    private let weightGradients = Workspace<Scalar>()
    private var h: Sequences<Scalar>?
    private var keys: Sequences<Scalar>?
    private var y: Sequences<Scalar>?

    /// Draws the weights as PyTorch does; neither W nor W_o has a bias.
    public init(
        _ parameters: Parameters<Scalar>,
        _ name: String,
        channels: Int,
        random: inout TrainingRandom
    ) {
        recurrence = RNN(
            parameters,
            name + ".rnn",
            inputs: channels,
            hidden: channels,
            random: &random
        )
        score = Linear(
            parameters,
            name + ".score",
            inputs: channels,
            outputs: channels,
            hasBias: false,
            random: &random
        )
        combine = Linear(
            parameters,
            name + ".combine",
            inputs: 2 * channels,
            outputs: channels,
            hasBias: false,
            random: &random
        )
    }

    /// The output; see the type.
    public func forward(_ x: Sequences<Scalar>, _ dropout: DropoutSource? = nil) -> Sequences<Scalar> {
        let h = recurrence.forward(x, dropout)
        let keys = score.forward(h, dropout)
        let size = h.channels
        let a = weights.reserve(h.rows)
        let both = Sequences(
            batch: h.batch,
            frames: 1,
            channels: 2 * size,
            data: joined.zeros(h.batch * 2 * size)
        )
        for b in 0..<h.batch {
            let (first, last, to) = (b * h.frames, h.lastFrame(b), both.data + b * 2 * size)
            for row in first..<first + h.frames {
                a[row] = Scalar.dot(keys.data + row * size, last, count: size)
            }
            Scalar.softmaxRows(a + first, rows: 1, columns: h.frames)
            for row in first..<first + h.frames {
                Scalar.addScaled(to, h.data + row * size, a[row], count: size)
            }
            (to + size).update(from: last, count: size)
        }
        let y = combine.forward(both, dropout)
        Scalar.tanh(y.data, count: y.count)
        (self.h, self.keys, self.y) = (h, keys, y)
        return y
    }

    /// The gradient of the input; adds to those of the weights.
    public func backward(_ dy: Sequences<Scalar>) -> Sequences<Scalar> {
        guard let h, let keys, let y else { preconditionFailure("backward before forward") }
        let size = h.channels
        let dSum = dy.like(sumGradients)
        dSum.data.update(from: dy.data, count: dy.count)
        Scalar.tanhGradient(dSum.data, y.data, count: y.count)
        let dBoth = combine.backward(dSum)
        let dh = h.zeros(stateGradients)
        let dKeys = h.like(keyGradients)
        let da = weightGradients.reserve(h.rows)
        for b in 0..<h.batch {
            let (first, dc) = (b * h.frames, dBoth.data + b * 2 * size)
            let (last, dLast) = (h.lastFrame(b), dh.lastFrame(b))
            for row in first..<first + h.frames {
                Scalar.addScaled(dh.data + row * size, dc, weights.pointer[row], count: size)
                da[row] = Scalar.dot(dc, h.data + row * size, count: size)
            }
            Scalar.add(dLast, dc + size, count: size)
            Scalar.softmaxRowsGradient(da + first, weights.pointer + first, rows: 1, columns: h.frames)
            for row in first..<first + h.frames {
                let dKey = dKeys.data + row * size
                dKey.clear(count: size)
                Scalar.addScaled(dKey, last, da[row], count: size)
                Scalar.addScaled(dLast, keys.data + row * size, da[row], count: size)
            }
        }
        dh.add(score.backward(dKeys))
        return recurrence.backward(dh)
    }
}

extension Sequences {
    fileprivate func lastFrame(_ sequence: Int) -> UnsafeMutablePointer<Scalar> {
        data + ((sequence + 1) * frames - 1) * channels
    }
}
