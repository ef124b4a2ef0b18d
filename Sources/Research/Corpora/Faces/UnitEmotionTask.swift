// SPDX-License-Identifier: Apache-2.0

/// The pretext task of the action units: the emotion that they show together.
///
/// Each unit is scaled by its speaker's quantiles in training (10 % and below is 0, 95 % and above is 1), because faces
/// at rest differ between people. The score of an emotion is the mean of its prototype's units. The label is the emotion
/// whose score most exceeds the score of most training clips, or "none" if no score does.
///
/// Reference: the idea is Goncalves & Busso 2022, whose table was not available to us; this code uses ``UnitPrototype``.
public struct UnitEmotionTask: Sendable {
    /// Classes in the order of the labels; the last is "none".
    public static let classNames = UnitPrototype.all.map(\.emotion.name) + ["none"]

    /// The label of a face that shows no prototype.
    public static let none = UnitPrototype.all.count

    /// Number of training clips with each label.
    public let counts: [Int]
    private let scales: BySpeaker<UnitScales>
    private let thresholds: [Double]
    private let margin: Double

    /// - Parameters:
    ///   - training: the faces of the training clips, all from one tracker.
    ///   - quantile: the share of training clips, 0..<1, whose score is too low for a label. Rare units make some emotions
    ///     score low everywhere; a separate quantile for each emotion keeps the classes of similar size.
    ///   - margin: lead that the best emotion needs, as a share of full intensity. On RAVDESS any margin lowers
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

    /// The label of `face`, an index of ``classNames``; nil if the tracker lacks a unit of a prototype.
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

/// Scales for each unit's intensity in one face.
private struct UnitScales: Sendable {
    /// With a smaller range of intensity the unit moves in no clip, and its noise must not fill the scale.
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
