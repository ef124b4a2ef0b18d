// SPDX-License-Identifier: Apache-2.0

/// Snapshot of capture: its state, and what it has counted since the start. Counts are in samples at ``audioClockRate``.
public struct CaptureReport: BitwiseCopyable, Sendable, Equatable {
    /// The state of capture.
    public var condition: CaptureCondition
    /// Number of changes of the device's name.
    public var deviceChanges = 0
    /// Number of times that another source was put in the place of the one before.
    public var sourceChanges = 0
    /// Samples that the source delivered, whether or not the ring had room.
    public var captured: Int64 = 0
    /// Samples that the device itself reported as lost.
    public var lostByDevice: Int64 = 0
    /// Samples that no device delivered: it was gone, suspended or stalled. Estimated from the clock, and never counted
    /// in ``lostByDevice``.
    public var missing: Int64 = 0
    /// Lateness of the newest samples when they arrived, in samples; 0 where audio has no age, as in a file.
    public var lateness: Int64 = 0
    /// Time at which the newest samples arrived, in nanoseconds on the monotonic clock; 0 before the first.
    public var lastArrival: Int64 = 0
    /// Time until a lost device is tried again, in milliseconds; 0 when it is not.
    public var retryMilliseconds = 0
    /// False for a source that waits until it is read, such as a file: its sound does not grow old.
    public var isLive = true
    /// True while the owner wants the microphone closed, even if a driver has not let go of it yet.
    public var isMuted = false
    /// True while the source has come to its end, or could not be read, and another may follow: what waits is still
    /// analysed.
    public var isOver = false
    /// True when no more samples will come: the file ended or could not be read, or capture was stopped.
    public var isFinished = false

    /// The audio clock: every sample since the start, lost and missing ones included.
    public var position: Int64 { captured + lostByDevice + missing }

    /// A report of this state, and nothing counted.
    public init(condition: CaptureCondition) { self.condition = condition }
}
