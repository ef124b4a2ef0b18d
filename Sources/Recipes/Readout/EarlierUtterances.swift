// SPDX-License-Identifier: Apache-2.0
package import Corpora

/// Draws what a voice said before a clip: other clips of the same speaker, without repeats.
package struct EarlierUtterances: Sendable {
    /// Emotions of what was said before.
    package enum Composition: String, Sendable, Codable, CaseIterable {
        /// As the corpus has them.
        case mixed
        /// Three of four neutral, where the speaker has so many.
        case mostlyNeutral = "mostly neutral"
        /// All of one emotion, drawn for each clip.
        case oneEmotion = "one emotion"
    }

    private let emotions: [Emotion?]
    private let peers: [[Int]]

    /// Prepares draws among `clips`; clips without a speaker have no earlier utterances.
    package init(_ clips: [Clip]) {
        emotions = clips.map(\.emotion)
        var bySpeaker: [String: [Int]] = [:]
        for (index, clip) in clips.enumerated() where clip.emotion != nil {
            if let speaker = clip.speaker { bySpeaker[speaker, default: []].append(index) }
        }
        peers = clips.map { $0.speaker.flatMap { bySpeaker[$0] } ?? [] }
    }

    /// At most `count` other clips of the speaker of `clip`; fewer where the speaker has too few.
    package func draw(
        for clip: Int,
        count: Int,
        _ composition: Composition,
        using random: inout some RandomNumberGenerator
    ) -> [Int] {
        let others = peers[clip].filter { $0 != clip }.shuffled(using: &random)
        switch composition {
        case .mixed: return Array(others.prefix(count))
        case .oneEmotion:
            guard let emotion = others.first.map({ emotions[$0] }) else { return [] }
            return Array(others.filter { emotions[$0] == emotion }.prefix(count))
        case .mostlyNeutral:
            let neutral = others.filter { emotions[$0] == .neutral }.prefix((3 * count + 3) / 4)
            let rest = others.filter { emotions[$0] != .neutral }
            return Array(neutral) + rest.prefix(min(count - neutral.count, (neutral.count + 2) / 3))
        }
    }
}
