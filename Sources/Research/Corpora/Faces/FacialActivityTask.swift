// SPDX-License-Identifier: Apache-2.0

/// The pretext task of the face: much or little movement for this speaker.
///
/// A value is divided by the median of its speaker, which removes differences between speakers and cameras, then compared
/// with quantiles of these ratios over all training speakers. Thresholds therefore come only from training speakers.
///
/// Reference: Goncalves & Busso 2022, "Improving Speech Emotion Recognition Using Self-Supervised Learning with
/// Domain-Specific Audiovisual Tasks". The paper's exact threshold was not available to us; a median is our choice.
public struct FacialActivityTask: Sendable {
    /// Ratios up to this are low.
    public let low: Double
    /// Ratios above this are high.
    public let high: Double
    private let medians: BySpeaker<Double>

    /// - Parameters:
    ///   - training: the activity of each training clip or part of one, all of one ``ClipFace/Source``. A speaker with
    ///     fewer than eight is divided by the common median. Values that are not finite are left out.
    ///   - undecided: the share in the middle, 0..<1, that is neither high nor low. With 1/3 the top third is high
    ///     and the bottom third low.
    public init(training: [(speaker: String, value: Double)], undecided: Double = 0) {
        precondition((0..<1).contains(undecided), "the undecided share is \(undecided), not in 0..<1")
        let training = training.filter { $0.value.isFinite && $0.value >= 0 }
        let medians = BySpeaker(training) { quantiles([0.5], of: $0).first ?? 0 }
        let bounds = quantiles(
            [0.5 - undecided / 2, 0.5 + undecided / 2],
            of: training.compactMap { Self.ratio($0.value, to: medians[$0.speaker]) }
        )
        (self.medians, low, high) = (medians, bounds.first ?? .nan, bounds.last ?? .nan)
    }

    /// True if `value` is high for `speaker`; nil in the undecided middle and for an invalid value.
    public func label(_ value: Double, speaker: String) -> Bool? {
        guard let ratio = Self.ratio(value, to: medians[speaker]) else { return nil }
        if ratio > high { return true }
        return ratio <= low ? false : nil
    }

    private static func ratio(_ value: Double, to median: Double) -> Double? {
        guard value.isFinite, value >= 0, median > 0 else { return nil }
        return value / median
    }
}
