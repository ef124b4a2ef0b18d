// SPDX-License-Identifier: Apache-2.0

/// How many classes an estimate can carry. The default model has seven; other models may have fewer or more.
public let maximumClassCount = 16

/// One probability for each of the model's labels, in the model's order, summing to 1.
///
/// A fixed-size value, so that the inference thread can hand it over without touching the heap.
public struct ClassProbabilities: BitwiseCopyable, Sendable {
    private var values = InlineArray<16, Float>(repeating: 0)
    /// How many labels the model has, 0...16.
    public let count: Int

    /// Copies `probabilities`; at most ``maximumClassCount`` of them.
    public init(_ probabilities: Span<Float>) {
        precondition(probabilities.count <= maximumClassCount, "\(probabilities.count) classes do not fit")
        count = probabilities.count
        for index in probabilities.indices { values[index] = probabilities[index] }
    }

    /// The same probability for each of `count` labels.
    public init(uniformOver count: Int) {
        precondition((1...maximumClassCount).contains(count), "\(count) classes do not fit")
        self.count = count
        for index in 0..<count { values[index] = 1 / Float(count) }
    }

    /// The probability of one label, 0...1.
    public subscript(index: Int) -> Float {
        precondition(index < count, "class \(index) of \(count)")
        return values[index]
    }

    /// The index of the most probable label; the first of equals.
    public var top: Int {
        var best = 0
        for index in 1..<max(1, count) where values[index] > values[best] { best = index }
        return best
    }
}

/// Why an estimate names no label. There is no fake "neutral" (PROTOCOL: `label: null` with `why`).
public enum NoLabelReason: UInt8, BitwiseCopyable, Sendable, CaseIterable {
    /// Nobody speaks.
    case noSpeech
    /// Somebody began to speak, but too little was heard to say how.
    case tooShort
    /// Speech, but buried in noise.
    case lowSignalToNoise
    /// The input is overdriven: too many samples at full scale.
    case clipping
    /// Capture is muted.
    case muted
    /// The first moments after start, before the stages have filled their context.
    case warmingUp

    /// The word on the wire.
    public var word: StaticString {
        switch self {
        case .noSpeech: "no_speech"
        case .tooShort: "too_short"
        case .lowSignalToNoise: "low_snr"
        case .clipping: "clipping"
        case .muted: "muted"
        case .warmingUp: "warming_up"
        }
    }
}

/// What an estimate says: a label, or why there is none.
public enum Verdict: BitwiseCopyable, Sendable, Equatable {
    /// The index of the label in the model's list.
    case label(Int)
    /// No label, and the reason.
    case none(NoLabelReason)

    /// The label's index, if there is one.
    public var label: Int? {
        if case .label(let index) = self { index } else { nil }
    }
}

/// The label that has been named for a while.
public struct StableLabel: BitwiseCopyable, Sendable {
    /// Index in the model's list of labels.
    public var label: Int
    /// How long it has been named, in milliseconds of audio.
    public var forMilliseconds: Int

    /// A label and how long it has held.
    public init(label: Int, forMilliseconds: Int) {
        self.label = label
        self.forMilliseconds = forMilliseconds
    }
}

/// What the sound itself is like, whatever is said.
public struct SoundQuality: BitwiseCopyable, Sendable {
    /// Level of the last hop in decibels relative to full scale, -120...0.
    public var levelDecibels: Float
    /// Speech level over the tracked noise floor in decibels, 0...80.
    public var signalToNoiseDecibels: Float
    /// True when samples of the last hop reached full scale.
    public var isClipping: Bool

    /// The quality of one hop.
    public init(levelDecibels: Float, signalToNoiseDecibels: Float, isClipping: Bool) {
        self.levelDecibels = levelDecibels
        self.signalToNoiseDecibels = signalToNoiseDecibels
        self.isClipping = isClipping
    }
}

/// What was heard in one utterance so far, or in one hop of silence.
public struct Estimate: BitwiseCopyable, Sendable {
    /// Counts all estimates since the program started; never repeats, never skips.
    public var sequence: UInt64
    /// The utterance that it belongs to, nil outside of speech.
    public var utterance: UInt64?
    /// Counts the estimates of one utterance from 1; 0 outside of speech.
    public var revision: Int
    /// True for the last estimate of an utterance.
    public var isFinal: Bool
    /// First sample that it covers, on the audio clock (samples since capture started).
    public var startSample: Int64
    /// One past the last sample that it covers.
    public var endSample: Int64
    /// Time of day when it was made, nanoseconds since 1970. A label only: order by the audio clock.
    public var wallNanoseconds: Int64
    /// The label, or why there is none.
    public var verdict: Verdict
    /// Calibrated probabilities. Uniform where no speech was heard.
    public var probabilities: ClassProbabilities
    /// How much speech of this utterance was heard, in milliseconds.
    public var heardMilliseconds: Int
    /// The label that has held for a while, if any.
    public var stable: StableLabel?
    /// Level, noise and clipping.
    public var quality: SoundQuality
    /// Age of the newest sample when the estimate was made, in milliseconds; 0 for files.
    public var lagMilliseconds: Float
    /// Arousal and such, where the model was taught them. Zeros where no speech was heard.
    public var attributes: AttributeValues
    /// Speech of this voice, in earlier utterances, that the estimate was compared with, in seconds; 0 where the voice
    /// is unknown or the model compares with none.
    public var voiceSeconds: Float
    /// Generation of the model that made it: 0 for the first one, else the number of its `reloaded` event.
    public var generation: UInt64

    /// An estimate from all its parts.
    public init(
        sequence: UInt64,
        utterance: UInt64?,
        revision: Int,
        isFinal: Bool,
        startSample: Int64,
        endSample: Int64,
        wallNanoseconds: Int64,
        verdict: Verdict,
        probabilities: ClassProbabilities,
        heardMilliseconds: Int,
        stable: StableLabel?,
        quality: SoundQuality,
        lagMilliseconds: Float,
        attributes: AttributeValues = .none,
        voiceSeconds: Float = 0,
        generation: UInt64 = 0
    ) {
        self.sequence = sequence
        self.utterance = utterance
        self.revision = revision
        self.isFinal = isFinal
        self.startSample = startSample
        self.endSample = endSample
        self.wallNanoseconds = wallNanoseconds
        self.verdict = verdict
        self.probabilities = probabilities
        self.heardMilliseconds = heardMilliseconds
        self.stable = stable
        self.quality = quality
        self.lagMilliseconds = lagMilliseconds
        self.attributes = attributes
        self.voiceSeconds = voiceSeconds
        self.generation = generation
    }

    /// Calibrated probability of the label; 0 where there is none, or where the label has no probability.
    public var confidence: Float {
        guard let label = verdict.label, (0..<probabilities.count).contains(label) else { return 0 }
        return probabilities[label]
    }
}
