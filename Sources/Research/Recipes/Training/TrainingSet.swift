// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation

/// All that a stage draws from, and what each clip counts for.
struct TrainingSet: Sendable {
    /// The stage's own corpora, then its companions, then noise.
    let sets: [ClipSet]
    /// Clips that come once an epoch.
    let members: [ClipMember]
    /// Clips of each companion.
    let companions: [[ClipMember]]
    /// Recordings without speech.
    let noises: [ClipMember]
    /// The stage's own corpora with the clips that may be trained on.
    let own: [(set: ClipSet, clips: [Int])]
    /// Listeners' answers for the clips, if the stage trains on them.
    let labels: EmotionLabels?
    private let ownCount: Int
    private let classWeights: [Float]
    private let companionWeight: Float

    /// - Parameters:
    ///   - own: the stage's corpora with the clips that may be trained on.
    ///   - companions: the corpora that come along.
    ///   - noise: recordings without speech.
    ///   - labels: what listeners heard, where the stage teaches that.
    ///   - stage: how much each counts.
    init(
        own: [(set: ClipSet, clips: [Int])],
        companions: [ClipSet],
        noise: ClipSet,
        labels: EmotionLabels?,
        stage: Recipe.Stage
    ) {
        (self.own, self.labels) = (own, labels)
        sets = own.map(\.set) + companions + [noise]
        members = own.enumerated().flatMap { index, part in
            part.clips.map { Self.member(set: index, clip: $0, of: part.set) }
        }
        self.companions = companions.enumerated().map { index, set in
            set.clips.indices.map { Self.member(set: own.count + index, clip: $0, of: set) }
        }
        let noiseIndex = own.count + companions.count
        noises = noise.clips.indices.map { Self.member(set: noiseIndex, clip: $0, of: noise) }
        ownCount = own.count
        companionWeight = stage.companions.weight
        classWeights = Self.classWeights(
            own.flatMap { part in part.clips.compactMap(part.set.label) },
            power: stage.loss.classBalance
        )
    }

    private static func member(set: Int, clip: Int, of clips: ClipSet) -> ClipMember {
        ClipMember(
            set: set,
            clip: clip,
            frameCount: clips.tables[0].frameCounts[clip],
            speech: clips.speech[clip],
            copyCount: clips.tables.count - 1
        )
    }

    /// (n / (K n_c)) to the power: 1 on average over the clips for balanced classes.
    private static func classWeights(_ truths: [Int], power: Double) -> [Float] {
        let counts = truths.reduce(into: Array(repeating: 0.0, count: Emotion.allCases.count)) { $0[$1] += 1 }
        let share = Double(truths.count) / Double(counts.count)
        return counts.map { $0 > 0 ? Float(pow(share / $0, power)) : 0 }
    }

    /// The clips of each set that may be trained on, in the order of the draws' sets; noise is left out.
    var trainable: [(set: ClipSet, clips: [Int])] {
        own + sets[ownCount..<sets.count - 1].map { ($0, Array($0.clips.indices)) }
    }

    /// Target of a drawn clip for the classes: the class, its weight, and the companion it is from; `nil` for
    /// noise and for clips without a label.
    func lesson(of draw: DrawnClip) -> EmotionLoss.Lesson? {
        guard draw.set < sets.count - 1, let truth = sets[draw.set].label(draw.clip) else { return nil }
        let isOwn = draw.set < ownCount
        return EmotionLoss.Lesson(
            truth: truth,
            weight: isOwn ? classWeights[truth] : companionWeight,
            companion: isOwn ? nil : draw.set - ownCount,
            label: labels?.label(of: sets[draw.set].clips[draw.clip]),
            classes: sets[draw.set].classes
        )
    }

    /// Known attributes of a drawn clip; none for noise.
    func attributes(of draw: DrawnClip) -> [Attribute: Double] {
        draw.set < sets.count - 1 ? sets[draw.set].clips[draw.clip].attributes : [:]
    }

    /// The frames of a drawn clip.
    func frames(of draw: DrawnClip) -> FeatureTable.Frames {
        let set = sets[draw.set]
        let frames = set.frames(ofClip: draw.clip, copy: draw.copy)
        let moments = draw.frames(
            atTempo: set.tempo(ofClip: draw.clip, copy: draw.copy),
            of: frames.frameCount
        )
        return frames.cut(to: moments, featureCount: set.tables[0].featureCount)
    }
}
