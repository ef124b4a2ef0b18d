// SPDX-License-Identifier: Apache-2.0
import EmotionEvents

/// The emotion in an utterance, or in its last seconds, or the reason why there is none.
///
/// Probabilities describe how a voice sounds, not what a person feels.
public struct EmotionEstimate: Sendable {
    /// The most probable label; nil if there is a ``reason``.
    public let label: String?
    /// The reason why there is no label; nil if there is one.
    public let reason: NoLabelReason?
    /// Calibrated probability of each label, summing to 1; uniform outside speech.
    public let probabilities: NamedValues
    /// Probability of the label, 0...1; 0 without a label.
    public let confidence: Float
    /// Value of each attribute, -1...1; empty unless the model was trained on some.
    public let attributes: NamedValues
    /// The utterance that it belongs to, from 1; nil outside speech.
    public let utterance: Int?
    /// True for the last estimate of an utterance, which covers the whole utterance.
    public let isFinal: Bool
    /// The audio that it covers, in seconds from the start of the stream.
    public let span: Range<Double>
    /// Speech analysed in the utterance so far, in seconds.
    public let speechSeconds: Double
    /// The label that has not changed for some time; nil if there is none.
    public let stableLabel: String?
    /// Level of the newest 10 ms in decibels relative to full scale, -120...0.
    public let level: Float
    /// Level of the speech above the noise in decibels, 0...80.
    public let signalToNoise: Float
    /// True if the newest 10 ms reach full scale.
    public let isClipping: Bool

    init(_ estimate: Estimate, _ names: ModelNames) {
        label = estimate.verdict.label.map { names.label($0) }
        reason = estimate.verdict.reason.map { NoLabelReason($0) }
        probabilities = NamedValues(estimate.probabilities, names.labels)
        confidence = estimate.confidence
        attributes = NamedValues(estimate.attributes, names.attributes)
        utterance = estimate.utterance.map { Int($0) }
        isFinal = estimate.isFinal
        let start = seconds(estimate.startSample)
        span = start..<max(start, seconds(estimate.endSample))
        speechSeconds = Double(estimate.heardMilliseconds) / 1_000
        stableLabel = estimate.stable.map { names.label($0.label) }
        level = estimate.quality.levelDecibels
        signalToNoise = estimate.quality.signalToNoiseDecibels
        isClipping = estimate.quality.isClipping
    }

    /// An estimate without any audio.
    init(_ names: ModelNames, reason: NoLabelReason) {
        label = nil
        self.reason = reason
        probabilities = NamedValues(ClassProbabilities(uniformOver: names.labels.count), names.labels)
        confidence = 0
        attributes = NamedValues(.none, names.attributes)
        utterance = nil
        isFinal = false
        span = 0..<0
        speechSeconds = 0
        stableLabel = nil
        level = -120
        signalToNoise = 0
        isClipping = false
    }
}

extension EmotionEstimate: CustomStringConvertible {
    /// The label with its confidence, or the reason, and the span: `angry 0.85, 0.99 s to 2.50 s`.
    public var description: String {
        let place = ", \(rounded(span.lowerBound)) s to \(rounded(span.upperBound)) s"
        return labelText(label, reason, confidence) + place
    }
}

/// A label with its confidence, or the reason for none.
func labelText(_ label: String?, _ reason: NoLabelReason?, _ confidence: Float) -> String {
    label.map { "\($0) \(rounded(Double(confidence)))" } ?? "no label (\(reason?.rawValue ?? ""))"
}

/// A number with at most two decimals.
func rounded(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }

extension Verdict {
    var reason: EmotionEvents.NoLabelReason? {
        if case .none(let reason) = self { reason } else { nil }
    }
}

extension ModelNames {
    func label(_ index: Int) -> String {
        labels.indices.contains(index) ? labels[index] : EventLine.unnamed
    }
}
