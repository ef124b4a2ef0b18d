// SPDX-License-Identifier: Apache-2.0
public import EmotionEvents

/// What the inference thread must know of capture, read once a turn. Any thread; must not allocate or block.
public struct CaptureReport: BitwiseCopyable, Sendable {
    /// The state of capture.
    public var condition: CaptureCondition
    /// Counts the changes of the device's name.
    public var deviceChanges = 0
    /// Samples that the device itself reported as lost so far.
    public var lostByDevice: Int64 = 0
    /// Samples that no device delivered so far, reckoned from the clock.
    public var missing: Int64 = 0
    /// How late the newest samples were when they arrived, in samples; 0 where audio has no age, as in a file.
    public var lateness: Int64 = 0
    /// False for a source that waits until it is heard, such as a file: its sound does not grow old.
    public var isLive = true
    /// When a lost device is tried again, in milliseconds; 0 when it is not.
    public var retryMilliseconds = 0
    /// True while nothing is to be heard, even if a driver has not let go of the device yet.
    public var isMuted = false
    /// True while the source has come to its end and another may follow: what waits is still heard.
    public var isOver = false
    /// True when no more samples will come: the file ended, or listening did.
    public var isFinished = false

    /// Whether nobody may hear, or wants to hear, what waits.
    var wantsNothing: Bool {
        isMuted || condition == .muted || condition == .idle && !isFinished && !isOver
    }

    /// A report of this state, and nothing lost.
    public init(condition: CaptureCondition) { self.condition = condition }
}
