// SPDX-License-Identifier: Apache-2.0
import EmotionEvents
import EmotionStream

/// One recording through a fresh pipeline of the daemon, in hops.
struct StreamRun: Sendable {
    /// The label of the whole recording, as `undertone analyze` prints it; `nil` for none.
    let label: String?
    /// Utterances, and those among them that got a label.
    let utterances: Int
    let labelledUtterances: Int
    /// Times that an interim estimate named another label than the last one that named any, within an utterance.
    let labelChanges: Int
    /// Speech, in seconds.
    let heardSeconds: Double
    /// Length of the recording, in seconds.
    let seconds: Double

    /// Samples at 16 kHz.
    init(_ samples: [Float], _ model: StreamModel) {
        var pipeline = EmotionPipeline(model)
        var summary = ClipSummary(classCount: model.labels.count, attributeCount: model.attributes.count)
        var changes = 0
        var last: (utterance: UInt64, label: Int)?
        let take = { (event: EmotionEvent) in
            summary.add(event)
            guard case .estimate(let estimate) = event, let label = estimate.verdict.label,
                let utterance = estimate.utterance
            else { return }
            if let last, last.utterance == utterance, last.label != label { changes += 1 }
            last = (utterance, label)
        }
        pipeline.step(samples.span, take)
        pipeline.finish(take)
        label = summary.verdict.label.map { model.labels[$0] }
        utterances = summary.utterances.count
        labelledUtterances = summary.utterances.count { $0.verdict.label != nil }
        labelChanges = changes
        heardSeconds = Double(summary.heardMilliseconds) / 1_000
        seconds = Double(samples.count) / Double(audioClockRate)
    }
}
