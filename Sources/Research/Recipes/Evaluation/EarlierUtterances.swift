// SPDX-License-Identifier: Apache-2.0
package import Corpora

/// Draws what a listener has heard of a voice before a tested clip: other clips of the same speaker.
///
/// A list never holds the tested clip and no clip twice; where a speaker has too few clips it is shorter. The same seed
/// gives the same lists on every machine, and a longer list of the same composition holds the shorter one.
package struct EarlierUtterances: Sendable {
    private let speakers: [String?]
    private let emotions: [Int?]
    private let clipsBySpeaker: [String: [Int]]

    /// - Parameter clips: speaker and class, a raw value of ``Emotion``, of each clip. A clip without a speaker has no
    ///   earlier utterances; a clip without a class is drawn only for mixed lists.
    package init(_ clips: [(speaker: String?, emotion: Int?)]) {
        speakers = clips.map(\.speaker)
        emotions = clips.map(\.emotion)
        clipsBySpeaker = Dictionary(grouping: clips.indices.filter { clips[$0].speaker != nil }) {
            clips[$0].speaker ?? ""
        }
    }

    /// The lists of the clips of one corpus.
    package init(of clips: [Clip]) { self.init(clips.map { ($0.speaker, $0.emotion?.rawValue) }) }

    /// The clips that come before `clip`, at most `count`, in the order in which they are processed.
    package func draw(for clip: Int, count: Int, composition: VoiceCondition.Composition, seed: UInt64)
        -> [Int]
    {
        guard count > 0, let speaker = speakers[clip] else { return [] }
        var random = SplitMix64(seed: seed, name: "earlier utterances, \(composition.rawValue), \(clip)")
        let others = (clipsBySpeaker[speaker] ?? []).filter { $0 != clip }.shuffled(using: &random)
        switch composition {
        case .mixed: return Array(others.prefix(count))
        case .mostlyNeutral: return mostlyNeutral(others, count, &random)
        case .oneEmotion:
            let classes = Set(others.compactMap { emotions[$0] }).sorted()
            guard let emotion = classes.randomElement(using: &random) else { return [] }
            return Array(others.filter { emotions[$0] == emotion }.prefix(count))
        }
    }

    /// The same for a single draw; a value that is kept saves the grouping by speaker.
    package static func draw(
        for clip: Int,
        among clips: [(speaker: String?, emotion: Int?)],
        count: Int,
        composition: VoiceCondition.Composition,
        seed: UInt64
    ) -> [Int] {
        EarlierUtterances(clips).draw(for: clip, count: count, composition: composition, seed: seed)
    }

    private func mostlyNeutral(_ others: [Int], _ count: Int, _ random: inout SplitMix64) -> [Int] {
        let neutral = Emotion.neutral.rawValue
        let wanted = Int((0.75 * Double(count)).rounded())
        let calm = others.filter { emotions[$0] == neutral }.prefix(wanted)
        let rest = others.filter { emotions[$0] != nil && emotions[$0] != neutral }
        // One of the others for three neutral ones, if these are too few.
        let share = calm.count < wanted ? calm.count / 3 : count - wanted
        return (calm + rest.prefix(share)).shuffled(using: &random)
    }
}
