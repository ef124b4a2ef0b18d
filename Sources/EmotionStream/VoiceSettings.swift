// SPDX-License-Identifier: Apache-2.0

/// Numbers by which a model tells voices apart and weighs what it knows of one: the section `voice` of its
/// `config.json`. A model without that section has no baseline of a voice.
public struct VoiceSettings: Codable, Sendable, Equatable {
    /// Utterances that the population's means count for.
    public var priorMean = 8.0
    /// Utterances that the population's variances count for.
    public var priorDeviation = 8.0
    /// Similarity of a voice, -1...1, from which on it is the same voice.
    public var same = 0.7
    /// Similarity below which it is another voice; between the two nothing is decided.
    public var other = 0.4
    /// Voices that are kept at once, 1 to 4.
    public var mostVoices = 4
    /// Audio after which a voice that did not speak is forgotten, in seconds.
    public var forgetAfterSeconds = 600
    /// Speech of an utterance that must be heard before its voice is looked for, in milliseconds.
    public var minimumHeardMilliseconds = 600
    /// Speech that an utterance must have to be added to its voice, in milliseconds.
    public var minimumLearnedMilliseconds = 1000

    /// The defaults above.
    public init() {}
}

extension VoiceSettings {
    private enum CodingKeys: String, CodingKey {
        case same, other
        case priorMean = "prior_mean"
        case priorDeviation = "prior_deviation"
        case mostVoices = "most_voices"
        case forgetAfterSeconds = "forget_after_s"
        case minimumHeardMilliseconds = "minimum_heard_ms"
        case minimumLearnedMilliseconds = "minimum_learned_ms"
    }

    /// Reads the settings that are there and keeps the defaults for the others.
    public init(from decoder: any Decoder) throws {
        self.init()
        let values = try decoder.container(keyedBy: CodingKeys.self)
        try values.read(&priorMean, .priorMean)
        try values.read(&priorDeviation, .priorDeviation)
        try values.read(&same, .same)
        try values.read(&other, .other)
        try values.read(&mostVoices, .mostVoices)
        try values.read(&forgetAfterSeconds, .forgetAfterSeconds)
        try values.read(&minimumHeardMilliseconds, .minimumHeardMilliseconds)
        try values.read(&minimumLearnedMilliseconds, .minimumLearnedMilliseconds)
    }

    /// The fault of these settings as a sentence, or nil if there is none.
    public var problem: String? {
        if !(0...1e6).contains(priorMean) || !(0...1e6).contains(priorDeviation) {
            return "prior_mean and prior_deviation must be between 0 and 1000000"
        }
        if !(-1...1).contains(same) || !(-1...same).contains(other) {
            return "other must be at least -1 and at most same, which is at most 1"
        }
        if !(1...4).contains(mostVoices) { return "most_voices must be between 1 and 4, not \(mostVoices)" }
        if !(1...86_400).contains(forgetAfterSeconds) {
            return "forget_after_s must be between 1 and 86400, not \(forgetAfterSeconds)"
        }
        let durations = [minimumHeardMilliseconds, minimumLearnedMilliseconds]
        if durations.contains(where: { !(0...60_000).contains($0) }) {
            return "minimum_heard_ms and minimum_learned_ms must be between 0 and 60000"
        }
        return nil
    }
}
