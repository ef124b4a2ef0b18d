// SPDX-License-Identifier: Apache-2.0

/// Knowledge of a voice before a tested clip: the number and the kind of earlier utterances.
public struct VoiceCondition: Codable, Hashable, Sendable {
    /// Kind of the earlier utterances.
    public enum Composition: String, Codable, Hashable, Sendable, CaseIterable {
        /// Any clips of the speaker.
        case mixed
        /// Three of four are neutral, the usual case of a conversation. Where there are too few neutral ones, the others
        /// become fewer in proportion.
        case mostlyNeutral
        /// All have one emotion, drawn for each tested clip among those that the speaker has.
        case oneEmotion
    }

    /// Their kind.
    public let earlier: Composition
    /// Their number; 0 for an unknown voice.
    public let count: Int

    /// Each parameter as its property says.
    public init(_ earlier: Composition, _ count: Int) { (self.earlier, self.count) = (earlier, count) }

    /// An unknown voice, then 3, 8 and 20 utterances of each composition.
    public static let all =
        [VoiceCondition(.mixed, 0)]
        + Composition.allCases.flatMap { composition in [3, 8, 20].map { VoiceCondition(composition, $0) } }

    /// The condition in words.
    var name: String {
        if count == 0 { return "unknown voice" }
        let kind =
            switch earlier {
            case .mixed: "mixed"
            case .mostlyNeutral: "mostly neutral"
            case .oneEmotion: "all of one emotion"
            }
        return "after \(count) utterances, \(kind)"
    }

    /// The problem with the number, or `nil`.
    var problem: String? { (0...1000).contains(count) ? nil : "count must be 0 to 1000" }
}
