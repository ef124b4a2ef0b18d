// SPDX-License-Identifier: Apache-2.0

/// Two recurrences over the same frames, one of which processes them from last to first, with concatenated outputs, as
/// PyTorch's `bidirectional=True` (Schuster & Paliwal 1997).
///
/// Not causal, so never part of the product. All sequences of a batch must have the same length, because the second
/// recurrence would start with padding.
public final class Bidirectional<Scalar: TrainingScalar>: SequenceLayer {
    private let onward: any SequenceLayer<Scalar>
    private let back: any SequenceLayer<Scalar>
    private let turned = Workspace<Scalar>()
    private let output = Workspace<Scalar>()
    private let onwardGradients = Workspace<Scalar>()
    private let backGradients = Workspace<Scalar>()

    /// - Parameters:
    ///   - onward: processes the frames in order.
    ///   - back: processes them in reverse order; has as many output channels as `onward`.
    public init(_ onward: any SequenceLayer<Scalar>, _ back: any SequenceLayer<Scalar>) {
        (self.onward, self.back) = (onward, back)
    }

    /// Two gated recurrent units with PyTorch's tensor names.
    ///
    /// - Parameter width: output channels of both directions together; even.
    public convenience init(
        gru parameters: Parameters<Scalar>,
        _ name: String,
        inputs: Int,
        width: Int,
        random: inout TrainingRandom
    ) {
        let directions = ["", "_reverse"].map {
            GRU(
                parameters,
                name,
                layer: 0,
                suffix: $0,
                inputs: inputs,
                hidden: width / 2,
                random: &random
            )
        }
        self.init(directions[0], directions[1])
    }

    /// `[B, T, 2H]`: for each frame the output of `onward`, then that of `back`.
    public func forward(_ x: Sequences<Scalar>, _ dropout: DropoutSource? = nil) -> Sequences<Scalar> {
        let first = onward.forward(x, dropout)
        let second = back.forward(x.turned(turned), dropout)
        let width = first.channels
        let y = x.like(output, channels: 2 * width)
        for row in 0..<y.rows {
            let from = y.turnedRow(row)
            (y.data + row * 2 * width).update(from: first.data + row * width, count: width)
            (y.data + row * 2 * width + width).update(from: second.data + from * width, count: width)
        }
        return y
    }

    /// The sum of both recurrences' input gradients.
    public func backward(_ dy: Sequences<Scalar>) -> Sequences<Scalar> {
        let width = dy.channels / 2
        let first = dy.like(onwardGradients, channels: width)
        let second = dy.like(backGradients, channels: width)
        for row in 0..<dy.rows {
            let to = dy.turnedRow(row)
            (first.data + row * width).update(from: dy.data + row * 2 * width, count: width)
            (second.data + to * width).update(from: dy.data + row * 2 * width + width, count: width)
        }
        let dx = onward.backward(first)
        let dTurned = back.backward(second).turned(turned)
        Scalar.add(dx.data, dTurned.data, count: dx.count)
        return dx
    }
}

extension Sequences {
    /// The row of the same frame in the reversed sequence.
    fileprivate func turnedRow(_ row: Int) -> Int { (row / frames) * frames + frames - 1 - row % frames }

    /// Every sequence with its frames in reverse order.
    fileprivate func turned(_ workspace: Workspace<Scalar>) -> Sequences {
        let y = like(workspace)
        for row in 0..<rows {
            (y.data + turnedRow(row) * channels).update(from: data + row * channels, count: channels)
        }
        return y
    }
}
