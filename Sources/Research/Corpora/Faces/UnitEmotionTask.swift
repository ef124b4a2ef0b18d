// SPDX-License-Identifier: Apache-2.0

/// The pretext task of the action units: which emotion do they show together?
///
/// Each unit is scaled by its speaker's quantiles in training (10 % and below is 0, 95 % and above is 1), because a face
/// at rest differs from person to person. The score of an emotion is the mean of its prototype's units; it must exceed
/// the score that most training clips have, and the emotion that exceeds it most is the label. Else it is "none".
///
/// Reference: the idea is Goncalves & Busso 2022, whose table was not available to us; ours is ``UnitPrototype``.
public struct UnitEmotionTask: Sendable {
    /// The classes in the order of the labels; the last is "none".
    public static let classNames = UnitPrototype.all.map(\.emotion.name) + ["none"]

    /// The label of a face that shows no prototype.
    public static let none = UnitPrototype.all.count

    /// How many training clips have each label.
    public let counts: [Int]
    private let scales: BySpeaker<UnitScales>
    private let thresholds: [Double]
    private let margin: Double

    /// - Parameters:
    ///   - training: the faces of the training clips, all from one tracker.
    ///   - quantile: the share of training clips, 0..<1, whose score does not suffice. Rare units make some emotions
    ///     score low everywhere; a quantile of its own for each emotion keeps the classes of like size.
    ///   - margin: by how much the best emotion must lead, as a share of full intensity. On RAVDESS any margin lowers
    ///     the agreement with the intended emotion.
    public init(
        training: [(speaker: String, face: ClipFace)],
        quantile: Double = 0.8,
        margin: Double = 0
    ) {
        precondition((0..<1).contains(quantile), "the quantile is \(quantile), not in 0..<1")
        let known = training.filter { !$0.face.unitIntensity.isEmpty }
            .map { (speaker: $0.speaker, value: $0.face.unitIntensity) }
        let scales = BySpeaker(known) { UnitScales($0) }
        let scores = known.compactMap { Self.scores($0.value, scales[$0.speaker]) }
        thresholds = UnitPrototype.all.indices.map { prototype in
            quantiles([quantile], of: scores.map { $0[prototype] }).first ?? .infinity
        }
        (self.scales, self.margin) = (scales, margin)
        var counts = [Int](repeating: 0, count: Self.classNames.count)
        for score in scores { counts[Self.label(score, above: thresholds, margin)] += 1 }
        self.counts = counts
    }

    /// The label of `face`, an index of ``classNames``; `nil` where the tracker lacks a unit of a prototype.
    public func label(_ face: ClipFace, speaker: String) -> Int? {
        Self.scores(face.unitIntensity, scales[speaker]).map { Self.label($0, above: thresholds, margin) }
    }

    private static func scores(_ units: [ActionUnit: Double], _ scales: UnitScales) -> [Double]? {
        var scores: [Double] = []
        for prototype in UnitPrototype.all {
            let values = prototype.units.compactMap { scales.scaled($0, in: units) }
            guard values.count == prototype.units.count else { return nil }
            scores.append(values.reduce(0, +) / Double(values.count))
        }
        return scores
    }

    private static func label(_ scores: [Double], above thresholds: [Double], _ margin: Double) -> Int {
        let excess = zip(scores, thresholds).map { $0 - $1 }
        let order = excess.indices.sorted { excess[$0] > excess[$1] }
        let (best, second) = (excess[order[0]], excess[order[1]])
        return best > 0 && best - second >= margin ? order[0] : none
    }
}

/// What each unit's intensity means for one face.
private struct UnitScales: Sendable {
    /// Below this range of intensity a unit does not move in any clip, and its noise must not fill the scale.
    private static let leastRange = 0.05

    private var scales: [ActionUnit: (low: Double, range: Double)] = [:]

    init(_ clips: [[ActionUnit: Double]]) {
        for unit in ActionUnit.allCases {
            let bounds = quantiles([0.10, 0.95], of: clips.compactMap { $0[unit] })
            guard let low = bounds.first, let high = bounds.last else { continue }
            scales[unit] = (low, max(high - low, Self.leastRange))
        }
    }

    func scaled(_ unit: ActionUnit, in units: [ActionUnit: Double]) -> Double? {
        guard let value = units[unit], value.isFinite, let scale = scales[unit] else { return nil }
        return min(max((value - scale.low) / scale.range, 0), 1)
    }
}
