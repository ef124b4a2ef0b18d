// SPDX-License-Identifier: Apache-2.0

/// Sample rate of the audio clock in hertz: all positions in events count samples at this rate.
public let audioClockRate = 16_000

/// What the inference thread tells the world.
///
/// Every case is a plain value without references, so that handing it to the socket thread through a ring
/// allocates nothing. Names (labels, devices) are added when it is written as JSON.
public enum EmotionEvent: BitwiseCopyable, Sendable {
    /// Speech began. `wallNanoseconds`, here and below, is the time of day when it was noticed, nanoseconds since 1970.
    case utteranceStarted(utterance: UInt64, sample: Int64, wallNanoseconds: Int64 = 0)
    /// The emotion in the voice so far, or that there is no speech.
    case estimate(Estimate)
    /// The speaker stopped; the estimate is the final one.
    case utteranceEnded(utterance: UInt64, sample: Int64, final: Estimate)
    /// Whether speech is heard, at each change, with the sound's level.
    case voiceActivity(isSpeech: Bool, sample: Int64, levelDecibels: Float, wallNanoseconds: Int64 = 0)
    /// A voice laughed, cried, coughed or screamed; only from a model that knows these sounds.
    case vocal(VocalSound)
    /// Capture changed its state.
    case state(CaptureChange)
    /// Audio was lost.
    case overrun(Overrun)
    /// How loud it is, twenty times a second; only for those who ask for it.
    case level(SoundLevel)
    /// What follows comes from another model, or other thresholds: the `generation`-th since the start, from 1.
    case reloaded(generation: UInt64)
}

/// The states of capture, once and for all.
public enum CaptureCondition: UInt8, BitwiseCopyable, Sendable, CaseIterable {
    /// Opening the device for the first time.
    case starting
    /// Samples arrive.
    case open
    /// Nothing to capture for: the input ended, or nobody subscribes.
    case idle
    /// The device is open but delivered nothing for a second.
    case stalled
    /// The machine or the sound server put the device to sleep.
    case suspended
    /// The device was there and went away; it is tried again.
    case lost
    /// There is no such device yet; it is tried again.
    case noDevice
    /// A user closed the microphone.
    case muted

    /// True while a device is being listened to, or should be in a moment.
    public var hasSound: Bool { self == .open || self == .starting }

    /// The word on the wire.
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
    /// The new state.
    public var condition: CaptureCondition
    /// Position on the audio clock at which it was noticed.
    public var sample: Int64
    /// When the device is tried again, in milliseconds; 0 when it is not.
    public var retryMilliseconds: Int

    /// A change to `condition`, noticed at `sample`.
    public init(condition: CaptureCondition, sample: Int64, retryMilliseconds: Int = 0) {
        self.condition = condition
        self.sample = sample
        self.retryMilliseconds = retryMilliseconds
    }
}

/// Audio that was lost. Samples handed to us are counted exactly; what a device never delivered is reckoned from the
/// clock, and only where it ever delivered anything.
public struct Overrun: BitwiseCopyable, Sendable, Equatable {
    /// Who lost it.
    public enum Cause: UInt8, BitwiseCopyable, Sendable {
        /// Inference was too slow and the ring was full.
        case ringFull
        /// It was too old when its turn came, and was skipped to hear what is new.
        case stale
        /// It waited to be heard when the microphone was muted, or the last subscriber left, and was wiped.
        case muted
        /// The device or its driver overran before we could read.
        case device
        /// The device was gone, asleep, or delivered nothing.
        case outage

        /// The word on the wire.
        public var word: StaticString {
            switch self {
            case .ringFull: "ring_full"
            case .stale: "stale"
            case .muted: "muted"
            case .device: "device"
            case .outage: "outage"
            }
        }

        /// True where samples were counted, false where they were reckoned from the clock.
        public var isExact: Bool { self != .device && self != .outage }
    }

    /// Samples lost, at 16 kHz.
    public var sampleCount: Int64
    /// Who lost them.
    public var cause: Cause
    /// All samples lost since capture started, this loss included: the counted ones if this one was counted, else
    /// the reckoned ones.
    public var totalCount: Int64
    /// Position on the audio clock at which the loss was noticed.
    public var sample: Int64

    /// A loss from all its parts.
    public init(sampleCount: Int64, cause: Cause, totalCount: Int64, sample: Int64) {
        self.sampleCount = sampleCount
        self.cause = cause
        self.totalCount = totalCount
        self.sample = sample
    }

    /// True when `sampleCount` was counted, false when it was reckoned from the clock.
    public var isExact: Bool { cause.isExact }
}
