// SPDX-License-Identifier: Apache-2.0

/// The seven classes of perceived vocal expression that the default model distinguishes.
public enum Emotion: Int, CaseIterable, Sendable, Hashable {
    case neutral, happy, sad, angry, fearful, disgusted, surprised

    /// Name in models, events and reports.
    public var name: String { String(describing: self) }

    /// All names in the order of the raw values, which is the order of the network's outputs.
    public static var names: [String] { allCases.map(\.name) }

    /// The class for `word` in a corpus; nil if the word is none of the seven classes.
    ///
    /// RAVDESS's "calm" counts as neutral: both its calm and its neutral readings are voices without the emotions of this
    /// list, and listeners cannot distinguish them without a direct comparison.
    public init?(word: String) {
        switch word.lowercased() {
        case "neutral", "calm": self = .neutral
        case "happy", "happiness": self = .happy
        case "sad", "sadness": self = .sad
        case "angry", "anger": self = .angry
        case "fearful", "fear": self = .fearful
        case "disgusted", "disgust": self = .disgusted
        case "surprised", "surprise": self = .surprised
        default: return nil
        }
    }
}

/// Sex of a speaker according to the corpus.
public enum Sex: String, Sendable, Hashable, CaseIterable {
    case female = "F"
    case male = "M"
}
