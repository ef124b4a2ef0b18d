// SPDX-License-Identifier: Apache-2.0
import EmotionEvents
import EmotionStream

/// The emotion in a whole recording: the mean of its utterances, weighted by how much speech each has.
public struct EmotionResult: Sendable {
    /// The most probable label; nil if there is a ``reason``.
    public let label: String?
    /// The reason why there is no label; nil if there is one.
    public let reason: NoLabelReason?
    /// Mean probability of each label over the utterances with a label; uniform without one.
    public let probabilities: NamedValues
    /// Probability of the label, 0...1; 0 without a label.
    public let confidence: Float
    /// Mean value of each attribute, -1...1; empty unless the model was trained on some.
    public let attributes: NamedValues
    /// The final estimate of each utterance, in order.
    public let utterances: [EmotionEstimate]
    /// Speech analysed in all utterances, in seconds.
    public let speechSeconds: Double
    /// Duration of the recording in seconds.
    public let durationSeconds: Double

    init(_ summary: ClipSummary, _ names: ModelNames, durationSeconds: Double) {
        let verdict = summary.verdict
        let mean = summary.probabilities
        label = verdict.label.map { names.label($0) }
        reason = verdict.reason.map { NoLabelReason($0) }
        probabilities = NamedValues(mean, names.labels)
        confidence = verdict.label.map { mean[$0] } ?? 0
        attributes = NamedValues(summary.attributes, names.attributes)
        utterances = summary.utterances.map { EmotionEstimate($0, names) }
        speechSeconds = Double(summary.heardMilliseconds) / 1_000
        self.durationSeconds = durationSeconds
    }

    /// The result for a recording with an unsupported sample rate.
    init(unsupported names: ModelNames) {
        label = nil
        reason = .unsupportedSampleRate
        probabilities = NamedValues(ClassProbabilities(uniformOver: names.labels.count), names.labels)
        confidence = 0
        attributes = NamedValues(.none, names.attributes)
        utterances = []
        speechSeconds = 0
        durationSeconds = 0
    }
}

extension EmotionResult: CustomStringConvertible {
    /// The label with its confidence, or the reason, and the amount of speech.
    public var description: String {
        labelText(label, reason, confidence) + ", \(rounded(speechSeconds)) s of speech"
    }
}
