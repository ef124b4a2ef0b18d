// SPDX-License-Identifier: Apache-2.0

/// A gated recurrent unit over a batch: `NeuralLayers.GRU`, forward and backward through time.
///
/// B batch, T frames, C channels in, H hidden. Gates in PyTorch's order r, z, n:
/// h[t] = (1 - z) n + z h[t-1], n = tanh(W_in x + b_in + r (W_hn h[t-1] + b_hn)), and h[-1] = 0
/// (Cho et al. 2014, arXiv:1406.1078, in PyTorch's variant).
public final class GRU<Scalar: TrainingScalar>: Recurrence<Scalar> {
    /// [B, T, 3H]: gradients of W_h h + b_h.
    private let stateGateGradients = Workspace<Scalar>()
    /// [B, T, H]: W_hn h + b_hn.
    private let stateNew = Workspace<Scalar>()

    /// Draws the weights as PyTorch does.
    ///
    /// - Parameters:
    ///   - layer: the layer's number in PyTorch's names, such as 0 in `gru.weight_ih_l0`.
    ///   - suffix: end of the names, such as PyTorch's `_reverse`.
    public init(
        _ parameters: Parameters<Scalar>,
        _ name: String,
        layer: Int,
        suffix: String = "",
        inputs: Int,
        hidden: Int,
        random: inout TrainingRandom
    ) {
        super.init(
            parameters,
            name,
            end: "l\(layer)\(suffix)",
            gates: 3,
            inputs: inputs,
            hidden: hidden,
            random: &random
        )
    }

    override var passesState: Bool { true }

    override func begin(_ sums: Sequences<Scalar>) { _ = sums.like(stateNew, channels: hidden) }

    override func step(_ frame: Frame, fromState: UnsafeMutablePointer<Scalar>) {
        Scalar.gru(
            gates: frame.gates,
            fromState: fromState,
            stateBias: weights.stateBias.values,
            previous: frame.previous,
            stateNew: stateNew.pointer + frame.row * hidden,
            h: frame.h,
            width: hidden
        )
    }

    override func beginBackward(_ gates: Sequences<Scalar>) -> Sequences<Scalar> {
        gates.like(stateGateGradients)
    }

    override func stepBack(_ frame: Frame, dh: UnsafeMutablePointer<Scalar>) {
        Scalar.gruGradient(
            gates: frame.gates,
            stateNew: stateNew.pointer + frame.row * hidden,
            previous: frame.previous,
            dh: dh,
            dFromState: stateGateGradients.pointer + frame.row * 3 * hidden,
            width: hidden
        )
    }
}
