// SPDX-License-Identifier: Apache-2.0

/// Which input frames an output frame depends on.
///
///     input   ....[ leftContext ][ t * stride ][ rightContext ]....
///                         \            |            /
///     output                           t
///
/// Layers report their own and compose, so that context and latency of a network are computed, never typed in.
/// No layer skips frames: with a stride above 1 the kernel covers at least the stride.
/// The idea is speechbrain's `FilterProperties`; the rules here are exact rather than approximate.
public struct StreamGeometry: Hashable, Sendable {
    /// Input frames before the aligned one that an output sees; nil means all of the past (a recurrence).
    public let leftContext: Int?
    /// Input frames after the aligned one that an output must wait for: the lookahead.
    public let rightContext: Int
    /// Input frames for each output frame.
    public let stride: Int

    /// One frame in, one out, no memory.
    public static let pointwise = StreamGeometry(leftContext: 0)

    /// Describes a layer in its own input frames.
    public init(leftContext: Int?, rightContext: Int = 0, stride: Int = 1) {
        precondition(rightContext >= 0 && stride >= 1 && (leftContext ?? 0) >= 0, "contexts count frames")
        self.leftContext = leftContext
        self.rightContext = rightContext
        self.stride = stride
    }

    /// This layer followed by `next`, in input frames of this one.
    public func followed(by next: StreamGeometry) -> StreamGeometry {
        StreamGeometry(
            leftContext: leftContext.flatMap { left in next.leftContext.map { left + $0 * stride } },
            rightContext: rightContext + next.rightContext * stride,
            stride: stride * next.stride
        )
    }

    /// This path beside `other`, summed at the end, as around a residual block. The strides must agree.
    public func beside(_ other: StreamGeometry) -> StreamGeometry {
        precondition(stride == other.stride, "paths of stride \(stride) and \(other.stride) cannot be summed")
        return StreamGeometry(
            leftContext: leftContext.flatMap { left in other.leftContext.map { max(left, $0) } },
            rightContext: max(rightContext, other.rightContext),
            stride: stride
        )
    }

    /// The longest wait, in input frames, from the arrival of a frame to the first output that depends on it.
    public var latencyFrames: Int { rightContext + stride - 1 }

    /// The longest wait in samples from the first sample of a feature window to the first output that has
    /// heard all of that window.
    public func latencySamples(hop: Int, window: Int) -> Int { window + latencyFrames * hop }

    /// How many samples of signal an output depends on; nil means all of the past.
    public func receptiveFieldSamples(hop: Int, window: Int) -> Int? {
        leftContext.map { window + ($0 + rightContext) * hop }
    }
}
