// SPDX-License-Identifier: Apache-2.0
import Resampling
import Undertone

/// All contents of an event as text.
func words(_ event: SpeechEvent) -> String {
    switch event {
    case .speechStarted(let utterance, let seconds): return "start \(utterance) \(seconds)"
    case .speechEnded(let utterance, let seconds): return "end \(utterance) \(seconds)"
    case .vocalSound(let kind, let seconds, let confidence): return "\(kind) \(seconds) \(confidence)"
    case .estimate(let e):
        let values = e.probabilities.map { "\($0.name) \($0.value)" }.joined(separator: " ")
        return "\(e.label ?? "") \(e.reason?.rawValue ?? "") \(e.confidence) \(values) \(e.utterance ?? 0)"
            + " \(e.isFinal) \(e.span) \(e.speechSeconds) \(e.stableLabel ?? "") \(e.level)"
            + " \(e.signalToNoise) \(e.isClipping)"
    }
}

/// All events of a signal that is processed in the given pieces.
func events(_ samples: [Float], pieces: [Range<Int>], _ session: inout EmotionSession) -> [String] {
    var seen: [String] = []
    for piece in pieces {
        session.process(samples.span.extracting(piece)) { seen.append(words($0)) }
    }
    session.finish { seen.append(words($0)) }
    return seen
}

/// The same sound at another sample rate.
func resample(_ samples: [Float], to rate: Int) throws -> [Float] {
    try resampled(samples, from: 16_000, to: rate)
}
