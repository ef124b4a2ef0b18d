// SPDX-License-Identifier: Apache-2.0

/// The simplest recurrence, h[t] = tanh(W_i x[t] + b_i + W_h h[t-1] + b_h) and h[-1] = 0: PyTorch's `RNN`
/// (Elman 1990).
public final class RNN<Scalar: TrainingScalar>: Recurrence<Scalar> {
    /// Draws the weights as PyTorch does.
    public init(
        _ parameters: Parameters<Scalar>,
        _ name: String,
        inputs: Int,
        hidden: Int,
        random: inout TrainingRandom
    ) {
        super.init(
            parameters,
            name,
            end: "l0",
            gates: 1,
            inputs: inputs,
            hidden: hidden,
            random: &random
        )
    }

    override func step(_ frame: Frame, fromState: UnsafeMutablePointer<Scalar>) {
        Scalar.add(frame.gates, fromState, count: hidden)
        frame.h.update(from: frame.gates, count: hidden)
        Scalar.tanh(frame.h, count: hidden)
    }

    override func stepBack(_ frame: Frame, dh: UnsafeMutablePointer<Scalar>) {
        frame.gates.update(from: dh, count: hidden)
        Scalar.tanhGradient(frame.gates, frame.h, count: hidden)
    }
}
