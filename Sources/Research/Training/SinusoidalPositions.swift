// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Adds each frame's position to it: sin(t / 10000^(2i / C)) in channel 2i, the cosine in 2i + 1
/// (Vaswani et al. 2017, arXiv:1706.03762, section 3.5).
public final class SinusoidalPositions<Scalar: TrainingScalar>: SequenceLayer {
    private let output = Workspace<Scalar>()

    /// A layer without weights.
    public init() {}

    /// A copy with the positions added.
    public func forward(_ x: Sequences<Scalar>, _ dropout: DropoutSource? = nil) -> Sequences<Scalar> {
        let y = x.like(output)
        y.data.update(from: x.data, count: x.count)
        for t in 0..<x.frames {
            let position = (0..<x.channels).map { Self.value(t, channel: $0, of: x.channels) }
            for b in 0..<x.batch {
                Scalar.add(y.data + (b * x.frames + t) * x.channels, position, count: x.channels)
            }
        }
        return y
    }

    /// The same gradient.
    public func backward(_ dy: Sequences<Scalar>) -> Sequences<Scalar> { dy }

    private static func value(_ t: Int, channel: Int, of channels: Int) -> Scalar {
        let pair = Double(channel / 2 * 2) / Double(channels)
        let angle = Double(t) / pow(10_000, pair)
        return Scalar(channel % 2 == 0 ? sin(angle) : cos(angle))
    }
}
