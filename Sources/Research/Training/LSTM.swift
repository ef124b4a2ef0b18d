// SPDX-License-Identifier: Apache-2.0

/// Long short-term memory over a batch, forward and backward through time.
///
/// B batch, T frames, C channels in, H hidden. Gates in PyTorch's order i, f, g, o:
/// c[t] = f c[t-1] + i g, h[t] = o tanh(c[t]), h[-1] = c[-1] = 0 (Hochreiter & Schmidhuber 1997, with the forget gate
/// of Gers et al. 2000).
public final class LSTM<Scalar: TrainingScalar>: Recurrence<Scalar> {
    /// [B, T, H]: c.
    private let cells = Workspace<Scalar>()
    /// [B, H]: gradient of c.
    private let dc = Workspace<Scalar>()

    /// Draws the weights as PyTorch does; `layer` and `suffix` are as in ``GRU``.
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
            gates: 4,
            inputs: inputs,
            hidden: hidden,
            random: &random
        )
    }

    /// c[t-1]; the first frame uses the same zeros as the state.
    private func previousCell(_ frame: Frame) -> UnsafePointer<Scalar> {
        frame.isFirst ? frame.previous : UnsafePointer(cells.pointer + (frame.row - 1) * hidden)
    }

    override func begin(_ sums: Sequences<Scalar>) {
        super.begin(sums)
        _ = sums.like(cells, channels: hidden)
    }

    override func step(_ frame: Frame, fromState: UnsafeMutablePointer<Scalar>) {
        Scalar.lstm(
            gates: frame.gates,
            fromState: fromState,
            previousCell: previousCell(frame),
            cell: cells.pointer + frame.row * hidden,
            h: frame.h,
            width: hidden
        )
    }

    override func beginBackward(_ gates: Sequences<Scalar>) -> Sequences<Scalar> {
        _ = dc.zeros(gates.batch * hidden)
        return gates
    }

    override func stepBack(_ frame: Frame, dh: UnsafeMutablePointer<Scalar>) {
        Scalar.lstmGradient(
            gates: frame.gates,
            previousCell: previousCell(frame),
            cell: cells.pointer + frame.row * hidden,
            dh: dh,
            dCell: dc.pointer + frame.sequence * hidden,
            width: hidden
        )
    }
}
