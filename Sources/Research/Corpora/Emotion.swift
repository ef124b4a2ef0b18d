// SPDX-License-Identifier: Apache-2.0

/// The seven classes of perceived vocal expression that the default model tells apart.
public enum Emotion: Int, CaseIterable, Sendable, Hashable {
    case neutral, happy, sad, angry, fearful, disgusted, surprised

    /// The word that models, events and reports use.
    public var name: String { String(describing: self) }

    /// All names in the order of the raw values, which is the order of the network's outputs.
    public static var names: [String] { allCases.map(\.name) }

    /// The class that a corpus means by `word`, or `nil` if the word names none of the seven.
    ///
    /// RAVDESS's "calm" counts as neutral: both of its calm and neutral readings are the voice without the emotions
    /// named here, and a listener without the other reading beside it cannot tell them apart.
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

/// The sex that a corpus states for a speaker.
public enum Sex: String, Sendable, Hashable, CaseIterable {
    case female = "F"
    case male = "M"
}
