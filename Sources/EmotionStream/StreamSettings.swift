// SPDX-License-Identifier: Apache-2.0

/// What decides when speech begins and ends, how often an estimate is made, and when it names no label.
///
/// The thresholds on probability belong to a model and may stand in its `config.json`; the rest is taste.
/// All durations are of audio, not of wall time, so that a file gives the same answer at any speed.
public struct StreamSettings: Codable, Sendable, Equatable {
    /// Speech probability at which an utterance may begin, 0...1.
    public var onsetProbability: Float = 0.6
    /// Speech probability below which it may end; lower than the onset, so that it does not flutter.
    public var offsetProbability: Float = 0.4
    /// Sound quieter than this is not taken for speech, in decibels relative to full scale; -120 takes everything.
    public var minimumLevelDecibels: Float = -120
    /// How long speech must last to begin an utterance, in milliseconds.
    public var minimumSpeechMilliseconds = 120
    /// How long silence must last to end one. Pauses between words are shorter.
    public var minimumSilenceMilliseconds = 600
    /// An utterance longer than this is ended and the next one begun, so that an old mood does not outweigh a new one.
    public var maximumUtteranceMilliseconds = 20_000
    /// Time between two estimates.
    public var estimateIntervalMilliseconds = 250
    /// Audio that an estimate before the end of an utterance describes, in milliseconds: 0 for all of the utterance, else
    /// at least ``shortestWindowMilliseconds``.
    public var windowMilliseconds = 1500
    /// Whether estimates take into account how the same voice sounded before, with a model that can.
    public var voiceBaseline = true
    /// How much speech must be heard before a label is named.
    public var minimumHeardMilliseconds = 400
    /// Lead, in probability, by which another label must be ahead before an interim estimate names it, 0...1.
    public var labelMargin: Float = 0.2
    /// How long the same label must have been named to be called stable.
    public var stableMilliseconds = 500
    /// Below this signal-to-noise ratio no label is named, in decibels.
    public var minimumSignalToNoiseDecibels: Float = 2
    /// No label is named when more than this share of an utterance's samples stand at full scale, 0...1.
    public var maximumClippedShare: Float = 0.02
    /// No verdict before this much audio was heard after a start or reset, in milliseconds.
    public var warmUpMilliseconds = 300

    /// The defaults above.
    public init() {}

    /// Shortest window in milliseconds: as much speech as a label needs by default. Less says nothing about a voice.
    public static let shortestWindowMilliseconds = 400
    /// Windows other than 0, in milliseconds.
    public static let windowRange = shortestWindowMilliseconds...60_000
}

extension StreamSettings {
    private enum CodingKeys: String, CodingKey {
        case onsetProbability = "onset_probability"
        case offsetProbability = "offset_probability"
        case minimumLevelDecibels = "minimum_level_db"
        case minimumSpeechMilliseconds = "minimum_speech_ms"
        case minimumSilenceMilliseconds = "minimum_silence_ms"
        case maximumUtteranceMilliseconds = "maximum_utterance_ms"
        case estimateIntervalMilliseconds = "estimate_interval_ms"
        case windowMilliseconds = "window_ms"
        case voiceBaseline = "voice_baseline"
        case minimumHeardMilliseconds = "minimum_heard_ms"
        case labelMargin = "label_margin"
        case stableMilliseconds = "stable_ms"
        case minimumSignalToNoiseDecibels = "minimum_snr_db"
        case maximumClippedShare = "maximum_clipped_share"
        case warmUpMilliseconds = "warm_up_ms"
    }

    /// Reads the settings that are there and keeps the defaults for the others.
    public init(from decoder: any Decoder) throws {
        self.init()
        let values = try decoder.container(keyedBy: CodingKeys.self)
        try values.read(&onsetProbability, .onsetProbability)
        try values.read(&offsetProbability, .offsetProbability)
        try values.read(&minimumLevelDecibels, .minimumLevelDecibels)
        try values.read(&minimumSpeechMilliseconds, .minimumSpeechMilliseconds)
        try values.read(&minimumSilenceMilliseconds, .minimumSilenceMilliseconds)
        try values.read(&maximumUtteranceMilliseconds, .maximumUtteranceMilliseconds)
        try values.read(&estimateIntervalMilliseconds, .estimateIntervalMilliseconds)
        try values.read(&windowMilliseconds, .windowMilliseconds)
        try values.read(&voiceBaseline, .voiceBaseline)
        try values.read(&minimumHeardMilliseconds, .minimumHeardMilliseconds)
        try values.read(&labelMargin, .labelMargin)
        try values.read(&stableMilliseconds, .stableMilliseconds)
        try values.read(&minimumSignalToNoiseDecibels, .minimumSignalToNoiseDecibels)
        try values.read(&maximumClippedShare, .maximumClippedShare)
        try values.read(&warmUpMilliseconds, .warmUpMilliseconds)
    }

    /// Sets the probability at which an utterance may begin; the one below which it may end keeps its ratio to it.
    public mutating func setSpeechThreshold(_ probability: Float) {
        offsetProbability *= probability / max(onsetProbability, 1e-3)
        offsetProbability = min(offsetProbability, probability)
        onsetProbability = probability
    }

    /// What is wrong with these settings, as a sentence, or nil if nothing is.
    public var problem: String? {
        if !(0...1).contains(onsetProbability) || !(0...onsetProbability).contains(offsetProbability) {
            return "offset_probability must be at least 0 and at most onset_probability, which is at most 1"
        }
        if !(SoundMeter.silenceDecibels...0).contains(minimumLevelDecibels) {
            return "minimum_level_db must be between -120 and 0, not \(minimumLevelDecibels)"
        }
        if !(10...60_000).contains(estimateIntervalMilliseconds) {
            return "estimate_interval_ms must be between 10 and 60000, not \(estimateIntervalMilliseconds)"
        }
        if windowMilliseconds != 0, !Self.windowRange.contains(windowMilliseconds) {
            return
                "window_ms must be 0 or between \(Self.shortestWindowMilliseconds) and 60000, not \(windowMilliseconds)"
        }
        if !(0...1).contains(labelMargin) {
            return "label_margin must be between 0 and 1, not \(labelMargin)"
        }
        let durations = [
            minimumSpeechMilliseconds, minimumSilenceMilliseconds, minimumHeardMilliseconds,
            stableMilliseconds,
            warmUpMilliseconds,
        ]
        if durations.contains(where: { !(0...60_000).contains($0) }) {
            return "each duration must be between 0 and 60000 ms"
        }
        if !(1_000...3_600_000).contains(maximumUtteranceMilliseconds) {
            return
                "maximum_utterance_ms must be between 1000 and 3600000, not \(maximumUtteranceMilliseconds)"
        }
        return nil
    }
}

extension KeyedDecodingContainer {
    /// Reads `field` if it is there, and leaves it as it is if not.
    func read<T: Decodable>(_ field: inout T, _ key: Key) throws {
        field = try decodeIfPresent(T.self, forKey: key) ?? field
    }
}
