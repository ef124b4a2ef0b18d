// SPDX-License-Identifier: Apache-2.0

/// Decides where an utterance begins and ends: two thresholds and two minimum durations.
///
/// A pure state machine over the speech head's probability, after silero-vad's `VADIterator`, with one state
/// more: a *candidate* is speech that has not lasted long enough to be accepted. The pooled emotion starts with
/// the candidate, so that the first syllable counts, and is discarded if the candidate was only a click.
///
///     silence ──p ≥ onset──► candidate ──lasted──► speech ──quiet for long──► silence
///                 ▲──p < offset──┘
package struct SpeechGate {
    package enum Change: Equatable {
        /// Speech may have begun with this frame: start pooling here.
        case candidate
        /// The candidate is an utterance now. It began at `startSample`.
        case began(startSample: Int64)
        /// The utterance is over. Its last speech ended at `endSample`.
        case ended(endSample: Int64)
    }

    private enum State {
        case silence
        case candidate(since: Int64)
        case speech(since: Int64, quietSince: Int64?)
    }

    private let onset: Float
    private let offset: Float
    private let minimumSpeech: Int64
    private let minimumSilence: Int64
    private let maximumUtterance: Int64
    private var state = State.silence

    package init(_ settings: StreamSettings, sampleRate: Int) {
        func samples(_ milliseconds: Int) -> Int64 { Int64(milliseconds) * Int64(sampleRate) / 1000 }
        onset = settings.onsetProbability
        offset = settings.offsetProbability
        minimumSpeech = samples(settings.minimumSpeechMilliseconds)
        minimumSilence = samples(settings.minimumSilenceMilliseconds)
        maximumUtterance = samples(settings.maximumUtteranceMilliseconds)
    }

    /// True from the acceptance of an utterance until its end is detected.
    package var isInUtterance: Bool {
        if case .speech = state { true } else { false }
    }

    /// Processes the speech probability of the frame that covers `samples`.
    package mutating func step(probability: Float, samples: Range<Int64>) -> Change? {
        switch state {
        case .silence: return fromSilence(probability, samples)
        case .candidate(let since): return fromCandidate(since: since, probability, samples)
        case .speech(let since, let quietSince):
            return fromSpeech(since: since, quietSince: quietSince, probability, samples)
        }
    }

    /// Ends the utterance, if there is one, because the input ended at `sample`.
    package mutating func finish(at sample: Int64) -> Change? {
        defer { state = .silence }
        guard case .speech(_, let quietSince) = state else { return nil }
        return .ended(endSample: quietSince ?? sample)
    }

    package mutating func reset() { state = .silence }

    private mutating func fromSilence(_ probability: Float, _ samples: Range<Int64>) -> Change? {
        guard probability >= onset else { return nil }
        state = .candidate(since: samples.lowerBound)
        return .candidate
    }

    private mutating func fromCandidate(
        since: Int64,
        _ probability: Float,
        _ samples: Range<Int64>
    ) -> Change? {
        if probability < offset {
            state = .silence
            return nil
        }
        guard samples.upperBound - since >= minimumSpeech else { return nil }
        state = .speech(since: since, quietSince: nil)
        return .began(startSample: since)
    }

    private mutating func fromSpeech(
        since: Int64,
        quietSince: Int64?,
        _ probability: Float,
        _ samples: Range<Int64>
    ) -> Change? {
        if samples.upperBound - since >= maximumUtterance {
            state = .silence
            return .ended(endSample: quietSince ?? samples.upperBound)
        }
        if probability >= offset {
            state = .speech(since: since, quietSince: nil)
            return nil
        }
        let quiet = quietSince ?? samples.lowerBound
        if samples.upperBound - quiet >= minimumSilence {
            state = .silence
            return .ended(endSample: quiet)
        }
        state = .speech(since: since, quietSince: quiet)
        return nil
    }
}
