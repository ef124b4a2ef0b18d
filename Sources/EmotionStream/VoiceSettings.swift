// SPDX-License-Identifier: Apache-2.0

/// Settings for distinguishing voices and weighting their baselines: the section `voice` of a model's
/// `config.json`. A model without that section has no voice baselines.
public struct VoiceSettings: Codable, Sendable, Equatable {
    /// Weight of the population's means, in utterances.
    public var priorMean = 8.0
    /// Weight of the population's variances, in utterances.
    public var priorDeviation = 8.0
    /// Smallest similarity of the same voice, -1...1.
    public var same = 0.7
    /// Similarity below which it is another voice; between the two the voice is unsure.
    public var other = 0.4
    /// Most voices kept at once, 1 to 4.
    public var mostVoices = 4
    /// Audio without the voice after which it is removed, in seconds.
    public var forgetAfterSeconds = 600
    /// Speech in an utterance before its voice is identified, in milliseconds.
    public var minimumHeardMilliseconds = 600
    /// Speech that an utterance needs to be added to its voice, in milliseconds.
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

    /// Reads the settings that are present and keeps the defaults for the others.
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
