// SPDX-License-Identifier: Apache-2.0
import EmotionEvents

/// A step in what a session recognises.
///
/// An utterance is reported as `speechStarted`, estimates, one estimate with ``EmotionEstimate/isFinal``, `speechEnded`. Between
/// utterances come estimates without a label, so that a program sees that the session is alive.
public enum SpeechEvent: Sendable {
    /// Speech started. Reported about 0.2 s later, since a click is not speech.
    ///
    /// `utterance` counts from 1; `seconds` is the time of the first sample of speech, from the start of the stream.
    case speechStarted(utterance: Int, seconds: Double)
    /// The emotion in the voice now, or why there is no label; four times a second, and once at the end of an utterance.
    case estimate(EmotionEstimate)
    /// Speech ended, at `seconds` from the start of the stream. Reported after 0.6 s without speech.
    case speechEnded(utterance: Int, seconds: Double)
    /// A sound without words: `kind` is `laughing`, `crying`, `coughing` or `screaming`, `seconds` the time from the start of
    /// the stream, `confidence` 0...1. Only from a model that knows such sounds, as the bundled default does.
    case vocalSound(kind: String, seconds: ClosedRange<Double>, confidence: Double)

    static func report(_ event: EmotionEvent, _ names: ModelNames, _ report: (SpeechEvent) -> Void) {
        switch event {
        case .utteranceStarted(let utterance, let sample, _):
            report(.speechStarted(utterance: Int(utterance), seconds: Undertone.seconds(sample)))
        case .estimate(let estimate): report(.estimate(EmotionEstimate(estimate, names)))
        case .utteranceEnded(let utterance, let sample, let final):
            report(.estimate(EmotionEstimate(final, names)))
            report(.speechEnded(utterance: Int(utterance), seconds: Undertone.seconds(sample)))
        case .vocal(let sound):
            let span = Undertone.seconds(sound.startSample)...Undertone.seconds(sound.endSample)
            let confidence = Double(sound.probability)
            report(.vocalSound(kind: "\(sound.kind.word)", seconds: span, confidence: confidence))
        default: break
        }
    }
}

/// A reason for which an estimate has no label. There is no fake "neutral".
///
/// The raw values are the words of the daemon's protocol; `unsupportedSampleRate` occurs in this library only.
public enum NoLabelReason: String, Sendable, CaseIterable {
    /// No speech.
    case noSpeech = "no_speech"
    /// Speech, but too little of it so far.
    case tooShort = "too_short"
    /// Speech that is buried in noise.
    case lowSignalToNoise = "low_snr"
    /// Too many samples at full scale: the input is overdriven.
    case clipping
    /// A muted microphone; occurs in the daemon only.
    case muted
    /// The first moments of a stream.
    case warmingUp = "warming_up"
    /// A sample rate outside ``EmotionRecognizer/sampleRates``.
    case unsupportedSampleRate = "unsupported_sample_rate"

    init(_ reason: EmotionEvents.NoLabelReason) {
        switch reason {
        case .noSpeech: self = .noSpeech
        case .tooShort: self = .tooShort
        case .lowSignalToNoise: self = .lowSignalToNoise
        case .clipping: self = .clipping
        case .muted: self = .muted
        case .warmingUp: self = .warmingUp
        }
    }
}
