// SPDX-License-Identifier: Apache-2.0

/// Sample rate of the audio clock in hertz: all positions in events count samples at this rate.
public let audioClockRate = 16_000

/// An event that the inference thread publishes.
///
/// Every case is a plain value without references, so that passing it to the socket thread through a ring does not
/// allocate. Names (labels, devices) are added when it is written as JSON.
public enum EmotionEvent: BitwiseCopyable, Sendable {
    /// Speech began. `wallNanoseconds`, here and below: time of day of the decision, in nanoseconds since 1970.
    case utteranceStarted(utterance: UInt64, sample: Int64, wallNanoseconds: Int64 = 0)
    /// The emotion in the voice so far, or the reason why none is reported.
    case estimate(Estimate)
    /// Speech stopped; the estimate is the final one.
    case utteranceEnded(utterance: UInt64, sample: Int64, final: Estimate)
    /// Speech started or stopped; sent at each change, with the sound's level.
    case voiceActivity(isSpeech: Bool, sample: Int64, levelDecibels: Float, wallNanoseconds: Int64 = 0)
    /// A voice laughed, cried, coughed or screamed; only from a model that recognises these sounds.
    case vocal(VocalSound)
    /// The capture state changed.
    case state(CaptureChange)
    /// Audio was lost.
    case overrun(Overrun)
    /// Sound level, twenty times a second; only for clients that subscribe to it.
    case level(SoundLevel)
    /// Later events come from another model, or other thresholds: the `generation`-th since the start, from 1.
    case reloaded(generation: UInt64)

    /// The event without the time of day, which always differs between two runs.
    package var withoutWallTime: EmotionEvent {
        switch self {
        case .estimate(var estimate):
            estimate.wallNanoseconds = 0
            return .estimate(estimate)
        case .utteranceStarted(let utterance, let sample, _):
            return .utteranceStarted(utterance: utterance, sample: sample)
        case .utteranceEnded(let utterance, let sample, var final):
            final.wallNanoseconds = 0
            return .utteranceEnded(utterance: utterance, sample: sample, final: final)
        case .voiceActivity(let isSpeech, let sample, let level, _):
            return .voiceActivity(isSpeech: isSpeech, sample: sample, levelDecibels: level)
        default: return self
        }
    }
}

/// The capture states.
public enum CaptureCondition: UInt8, BitwiseCopyable, Sendable, CaseIterable {
    /// Opening the device for the first time.
    case starting
    /// Samples arrive.
    case open
    /// No audio to capture: the input ended, or there are no subscriptions.
    case idle
    /// The device is open but delivered nothing for a second.
    case stalled
    /// The machine or the sound server put the device to sleep.
    case suspended
    /// The device disappeared; opening it is retried.
    case lost
    /// There is no such device yet; opening it is retried.
    case noDevice
    /// A user closed the microphone.
    case muted

    /// True while a device is captured, or is about to be.
    public var hasSound: Bool { self == .open || self == .starting }

    /// The word in the protocol.
    public var word: StaticString {
        switch self {
        case .starting: "starting"
        case .open: "open"
        case .idle: "idle"
        case .stalled: "stalled"
        case .suspended: "suspended"
        case .lost: "lost"
        case .noDevice: "no_device"
        case .muted: "muted"
        }
    }
}

/// A change of the capture state.
public struct CaptureChange: BitwiseCopyable, Sendable, Equatable {
    /// New state.
    public var condition: CaptureCondition
    /// Position on the audio clock at which the change was noticed.
    public var sample: Int64
    /// Delay until the device is opened again, in milliseconds; 0 if it is not.
    public var retryMilliseconds: Int

    /// A change to `condition`, noticed at `sample`.
    public init(condition: CaptureCondition, sample: Int64, retryMilliseconds: Int = 0) {
        self.condition = condition
        self.sample = sample
        self.retryMilliseconds = retryMilliseconds
    }
}

/// Lost audio. Captured samples are counted exactly; samples that a device never delivered are estimated from the clock,
/// and only if the device has delivered any samples before.
public struct Overrun: BitwiseCopyable, Sendable, Equatable {
    /// The cause of a loss.
    public enum Cause: UInt8, BitwiseCopyable, Sendable {
        /// Inference was too slow and the ring was full.
        case ringFull
        /// The audio was too old when its turn came, and was skipped in favour of newer audio.
        case stale
        /// The audio was waiting when the microphone was muted or the last subscription ended, and was deleted.
        case muted
        /// The device or its driver overran before its samples were read.
        case device
        /// The device was missing, suspended, or delivered nothing.
        case outage

        /// The word in the protocol.
        public var word: StaticString {
            switch self {
            case .ringFull: "ring_full"
            case .stale: "stale"
            case .muted: "muted"
            case .device: "device"
            case .outage: "outage"
            }
        }

        /// True if samples were counted, false if they were estimated from the clock.
        public var isExact: Bool { self != .device && self != .outage }
    }

    /// Number of lost samples, at 16 kHz.
    public var sampleCount: Int64
    /// Cause of the loss.
    public var cause: Cause
    /// All samples lost since capture started, including this loss: the counted ones if this one was counted, otherwise
    /// the estimated ones.
    public var totalCount: Int64
    /// Position on the audio clock at which the loss was noticed.
    public var sample: Int64

    /// Creates a loss from all its parts.
    public init(sampleCount: Int64, cause: Cause, totalCount: Int64, sample: Int64) {
        self.sampleCount = sampleCount
        self.cause = cause
        self.totalCount = totalCount
        self.sample = sample
    }

    /// True when `sampleCount` was counted, false when it was estimated from the clock.
    public var isExact: Bool { cause.isExact }
}
