// SPDX-License-Identifier: Apache-2.0

/// Maximum number of classes in an estimate. The default model has seven; other models may have fewer or more.
public let maximumClassCount = 16

/// One probability for each of the model's labels, in the model's order, summing to 1.
///
/// A fixed-size value, so that the inference thread can pass it on without allocating.
public struct ClassProbabilities: BitwiseCopyable, Sendable {
    private var values = InlineArray<16, Float>(repeating: 0)
    /// Number of labels of the model, 0...16.
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

    /// Index of the most probable label; the first one if several are equal.
    public var top: Int {
        var best = 0
        for index in 1..<max(1, count) where values[index] > values[best] { best = index }
        return best
    }
}

/// The reason why an estimate has no label. There is no fake "neutral" (PROTOCOL: `label: null` with `why`).
public enum NoLabelReason: UInt8, BitwiseCopyable, Sendable, CaseIterable {
    /// There is no speech.
    case noSpeech
    /// Speech has begun, but too little of it was analysed for a label.
    case tooShort
    /// There is speech, but too much noise.
    case lowSignalToNoise
    /// The input is overdriven: too many samples at full scale.
    case clipping
    /// Capture is muted.
    case muted
    /// The first moments after start, before the stages have enough context.
    case warmingUp

    /// The word in the protocol.
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

/// Label of an estimate, or the reason why there is none.
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

/// A label that has not changed for some time.
public struct StableLabel: BitwiseCopyable, Sendable {
    /// Index in the model's list of labels.
    public var label: Int
    /// Time since the label last changed, in milliseconds of audio.
    public var forMilliseconds: Int

    /// Creates a label with its duration.
    public init(label: Int, forMilliseconds: Int) {
        self.label = label
        self.forMilliseconds = forMilliseconds
    }
}

/// Quality of the audio itself.
public struct SoundQuality: BitwiseCopyable, Sendable {
    /// Level of the last hop in decibels relative to full scale, -120...0.
    public var levelDecibels: Float
    /// Speech level above the tracked noise floor in decibels, 0...80.
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

/// The result for one utterance so far, or for one hop of silence.
public struct Estimate: BitwiseCopyable, Sendable {
    /// Counts all estimates since the program started; never repeats or skips a number.
    public var sequence: UInt64
    /// The utterance that it belongs to; nil outside speech.
    public var utterance: UInt64?
    /// Counts the estimates of one utterance from 1; 0 outside speech.
    public var revision: Int
    /// True for the last estimate of an utterance.
    public var isFinal: Bool
    /// First sample that it covers, on the audio clock (samples since capture started).
    public var startSample: Int64
    /// One past the last sample that it covers.
    public var endSample: Int64
    /// Time of day when it was made, nanoseconds since 1970. For display only: order events by the audio clock.
    public var wallNanoseconds: Int64
    /// The label, or the reason why there is none.
    public var verdict: Verdict
    /// Calibrated probabilities. Uniform if there was no speech.
    public var probabilities: ClassProbabilities
    /// Amount of speech of this utterance that was analysed, in milliseconds.
    public var heardMilliseconds: Int
    /// The label that has not changed for some time, if any.
    public var stable: StableLabel?
    /// Level, noise and clipping.
    public var quality: SoundQuality
    /// Age of the newest sample when the estimate was made, in milliseconds; 0 for files.
    public var lagMilliseconds: Float
    /// Arousal and other attributes, if the model was trained on them. Zeros if there was no speech.
    public var attributes: AttributeValues
    /// Speech of this voice from earlier utterances that the estimate was compared with, in seconds; 0 if the voice
    /// is unknown or the model does not compare voices.
    public var voiceSeconds: Float
    /// Generation of the model that made it: 0 for the first one, otherwise the number of its `reloaded` event.
    public var generation: UInt64

    /// Creates an estimate from all its parts.
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

    /// Calibrated probability of the label; 0 without a label, or if the label has no probability.
    public var confidence: Float {
        guard let label = verdict.label, (0..<probabilities.count).contains(label) else { return 0 }
        return probabilities[label]
    }
}
