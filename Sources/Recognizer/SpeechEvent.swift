// SPDX-License-Identifier: Apache-2.0
import EmotionEvents

/// An event in the audio of a session.
///
/// An utterance is reported as `speechStarted`, estimates, one estimate with ``EmotionEstimate/isFinal``, `speechEnded`.
/// Between utterances estimates without a label show that the session is running.
public enum SpeechEvent: Sendable {
    /// Speech started. Reported about 0.2 s later, to exclude clicks.
    ///
    /// `utterance` counts from 1; `seconds` is the time of the first sample of speech, from the start of the stream.
    case speechStarted(utterance: Int, seconds: Double)
    /// The emotion in the voice now, or the reason for no label; four times a second, and once at the end of an utterance.
    case estimate(EmotionEstimate)
    /// Speech ended, at `seconds` from the start of the stream. Reported after 0.6 s without speech.
    case speechEnded(utterance: Int, seconds: Double)
    /// A vocal sound without words: `kind` is `laughing`, `crying`, `coughing` or `screaming`, `seconds` the time from the
    /// start of the stream, `confidence` 0...1. Only from a model that recognises such sounds, such as the bundled default.
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

/// The reason why an estimate has no label. There is no fake "neutral".
///
/// The raw values are the words of the daemon's protocol; `unsupportedSampleRate` occurs only in this library.
public enum NoLabelReason: String, Sendable, CaseIterable {
    /// No speech.
    case noSpeech = "no_speech"
    /// There is speech, but too little of it so far.
    case tooShort = "too_short"
    /// There is speech, but too much noise.
    case lowSignalToNoise = "low_snr"
    /// Too many samples at full scale: the input is overdriven.
    case clipping
    /// A muted microphone; occurs only in the daemon.
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
