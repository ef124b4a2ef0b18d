// SPDX-License-Identifier: Apache-2.0
public import EmotionEvents

/// Summary of a recording: the final estimates of its utterances, weighted by the amount of speech.
///
/// `undertone analyze` prints it and `undertone-train evaluate` scores it, so a user gets the
/// figures of the model card for the same file.
public struct ClipSummary: Sendable {
    /// The final estimate of each utterance, in order.
    public private(set) var utterances: [Estimate] = []
    /// Overruns and other losses while the recording was read, in samples.
    public private(set) var lostSamples: Int64 = 0
    private let classCount: Int
    private let attributeCount: Int

    /// A summary for a model with these numbers of labels and attributes.
    public init(classCount: Int, attributeCount: Int = 0) {
        (self.classCount, self.attributeCount) = (classCount, attributeCount)
    }

    /// Adds an event of the pipeline; only final estimates count.
    public mutating func add(_ event: EmotionEvent) {
        switch event {
        case .utteranceEnded(_, _, let final): utterances.append(final)
        case .overrun(let overrun): lostSamples += overrun.sampleCount
        default: break
        }
    }

    /// Amount of speech, in milliseconds.
    public var heardMilliseconds: Int { utterances.reduce(0) { $0 + $1.heardMilliseconds } }

    /// Mean of the labelled utterances' probabilities, weighted by the speech in each; uniform if there is none.
    public var probabilities: ClassProbabilities {
        let labelled = utterances.filter { $0.verdict.label != nil }
        let total = labelled.reduce(0) { $0 + $1.heardMilliseconds }
        guard total > 0 else { return ClassProbabilities(uniformOver: classCount) }
        let mean = (0..<classCount).map { label in
            labelled.reduce(Float(0)) { $0 + $1.probabilities[label] * Float($1.heardMilliseconds) }
                / Float(total)
        }
        return ClassProbabilities(mean.span)
    }

    /// Mean of all utterances' attributes, weighted by the speech in each; zeros, the middle of the scale, if there
    /// is none. Utterances too short for a label count here: they already have loudness and pitch.
    public var attributes: AttributeValues {
        let total = Float(heardMilliseconds)
        let mean = (0..<attributeCount).map { attribute in
            guard total > 0 else { return Float(0) }
            return utterances.reduce(0) { $0 + $1.attributes[attribute] * Float($1.heardMilliseconds) }
                / total
        }
        return AttributeValues(mean, isClipped: utterances.contains { $0.attributes.isClipped })
    }

    /// The most probable label, or the reason for having none: that of the utterance with the most speech.
    public var verdict: Verdict {
        if utterances.contains(where: { $0.verdict.label != nil }) { return .label(probabilities.top) }
        let longest = utterances.max { $0.heardMilliseconds < $1.heardMilliseconds }
        return longest?.verdict ?? .none(.noSpeech)
    }
}
