// SPDX-License-Identifier: Apache-2.0

/// Settings for the start and end of speech, the interval of estimates, and estimates without a label.
///
/// The thresholds on probability belong to a model and may be in its `config.json`; the rest are preferences.
/// All durations are of audio, not of wall time, so that a file gives the same answer at any speed.
public struct StreamSettings: Codable, Sendable, Equatable {
    /// Speech probability at which an utterance may begin, 0...1.
    public var onsetProbability: Float = 0.6
    /// Speech probability below which it may end; lower than the onset, for hysteresis.
    public var offsetProbability: Float = 0.4
    /// Level below which sound does not count as speech, in decibels relative to full scale; -120 for no limit.
    public var minimumLevelDecibels: Float = -120
    /// Shortest speech that begins an utterance, in milliseconds.
    public var minimumSpeechMilliseconds = 120
    /// Silence that ends an utterance, in milliseconds. Pauses between words are shorter.
    public var minimumSilenceMilliseconds = 600
    /// Longest utterance; then the next one begins, so that an old emotion does not outweigh a new one.
    public var maximumUtteranceMilliseconds = 20_000
    /// Time between two estimates.
    public var estimateIntervalMilliseconds = 250
    /// Audio that an estimate before the end of an utterance describes, in milliseconds: 0 for all of the utterance, else
    /// at least ``shortestWindowMilliseconds``.
    public var windowMilliseconds = 1500
    /// True if estimates use a baseline of the same voice, with a model that supports it.
    public var voiceBaseline = true
    /// Amount of speech before an estimate has a label.
    public var minimumHeardMilliseconds = 400
    /// Lead, in probability, that another label needs to become the label of an interim estimate, 0...1.
    public var labelMargin: Float = 0.2
    /// Time for which a label must be the same to be stable.
    public var stableMilliseconds = 500
    /// Signal-to-noise ratio below which estimates have no label, in decibels.
    public var minimumSignalToNoiseDecibels: Float = 2
    /// Share of an utterance's samples at full scale above which estimates have no label, 0...1.
    public var maximumClippedShare: Float = 0.02
    /// Audio after a start or reset before which estimates have no label, in milliseconds.
    public var warmUpMilliseconds = 300

    /// The defaults above.
    public init() {}

    /// Shortest window in milliseconds: the speech that a label needs by default.
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

    /// Reads the settings that are present and keeps the defaults for the others.
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

    /// Describes the first invalid setting in a sentence; nil if all are valid.
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
    /// Reads `field` if it is present, else leaves it unchanged.
    func read<T: Decodable>(_ field: inout T, _ key: Key) throws {
        field = try decodeIfPresent(T.self, forKey: key) ?? field
    }
}
