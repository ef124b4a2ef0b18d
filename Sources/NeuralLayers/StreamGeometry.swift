// SPDX-License-Identifier: Apache-2.0

/// Range of input frames on which an output frame depends.
///
///     input   ....[ leftContext ][ t * stride ][ rightContext ]....
///                         \            |            /
///     output                           t
///
/// Layers report their own geometry, and geometries compose, so a network's context and latency are computed.
/// No layer skips frames: with a stride above 1 the kernel covers at least the stride.
/// Modelled on speechbrain's `FilterProperties`, with exact rules instead of approximate ones.
public struct StreamGeometry: Hashable, Sendable {
    /// Input frames before the aligned one on which an output depends; nil means all of the past (a recurrence).
    public let leftContext: Int?
    /// Input frames after the aligned one that an output must wait for: the lookahead.
    public let rightContext: Int
    /// Input frames for each output frame.
    public let stride: Int

    /// One output per input frame, without context.
    public static let pointwise = StreamGeometry(leftContext: 0)

    /// Geometry of a layer in its own input frames.
    public init(leftContext: Int?, rightContext: Int = 0, stride: Int = 1) {
        precondition(
            rightContext >= 0 && stride >= 1 && (leftContext ?? 0) >= 0,
            "contexts must be at least 0"
        )
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

    /// This path in parallel with `other`, summed at the end, as around a residual block. The strides must agree.
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

    /// The longest wait in samples from the first sample of a feature window to the first output that depends
    /// on all of that window.
    public func latencySamples(hop: Int, window: Int) -> Int { window + latencyFrames * hop }

    /// Number of samples on which an output depends; nil means all of the past.
    public func receptiveFieldSamples(hop: Int, window: Int) -> Int? {
        leftContext.map { window + ($0 + rightContext) * hop }
    }
}
