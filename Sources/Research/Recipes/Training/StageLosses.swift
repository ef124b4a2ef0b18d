// SPDX-License-Identifier: Apache-2.0
import Corpora
import Training

/// All losses of a stage, weighted as its recipe says and summed.
struct StageLosses {
    /// Targets of a batch.
    struct Lessons {
        /// One for each clip; `nil` for noise and unlabelled clips.
        let emotions: [EmotionLoss.Lesson?]
        /// The mask [B, U] of the beginnings whose emotion is taught too, if any.
        let beginning: [Float]?
        /// Row-major [B, U].
        let speech: [Float]
        /// Row-major [B, U]: 1 where a clip has an embedding.
        let mask: [Float]
        let pretext: PretextTargets?
        /// Known attributes of each clip.
        let attributes: [[Attribute: Double]]

        /// Masks of what is pooled: whole clips, then the chunks of the pretext tasks, then beginnings.
        var views: [[Float]] { (pretext?.views ?? [mask]) + [beginning].compactMap { $0 } }
    }

    /// The gradients of the loss by the network's outputs.
    struct Gradients {
        let classes: [Float]
        let speech: [Float]
        let heads: PretextLoss.Gradients
    }

    private let stage: Recipe.Stage
    private let classCount: Int
    var emotion: EmotionLoss
    private var pretext: PretextLoss?
    private var attributes: AttributeLoss?
    private var sums: [String: Double] = [:]
    private var batches = 0.0

    init(_ stage: Recipe.Stage, classCount: Int, companionCount: Int, coOccurrence: CoOccurrenceLoss? = nil) {
        (self.stage, self.classCount) = (stage, classCount)
        emotion = EmotionLoss(
            classCount: classCount,
            smoothing: stage.loss.labelSmoothing,
            companionCount: companionCount,
            coOccurrence: coOccurrence
        )
        pretext = stage.pretext.map(PretextLoss.init)
        attributes = stage.attributes.map(AttributeLoss.init)
    }

    /// The means since ``clearFigures()``: each loss, and the share of right answers where there is such a thing.
    var figures: [String: Double] {
        var figures = sums.mapValues { $0 / max(1, batches) }
        for (task, score) in pretext?.scores ?? [:] {
            figures["\(task.rawValue) loss"] = score.loss / max(1, score.batches)
            if score.judged > 0 { figures["\(task.rawValue) accuracy"] = score.right / score.judged }
        }
        return figures.merging(attributes?.figures ?? [:]) { first, _ in first }
    }

    mutating func clearFigures() {
        (sums, batches) = ([:], 0)
        pretext?.clearScores()
        attributes?.clearFigures()
    }

    mutating func lossAndGradients(_ output: EmotionNetwork<Float>.Output, _ lessons: Lessons) -> (
        loss: Float, gradients: Gradients
    ) {
        let (emotionLoss, classes) = emotionLosses(output.classLogits, lessons)
        var speech = Array(repeating: Float(0), count: output.speechLogits.count)
        let speechLoss = Losses.binaryCrossEntropy(
            logits: output.speechLogits,
            targets: lessons.speech,
            mask: lessons.mask,
            gradient: &speech
        )
        for index in speech.indices { speech[index] *= stage.loss.speechWeight }
        var (pretextLoss, heads) = pretextLosses(output, lessons)
        let attributeLoss = addAttributeLosses(output, lessons, to: &heads)
        batches += 1
        sums["emotion loss", default: 0] += Double(emotionLoss)
        sums["speech loss", default: 0] += Double(speechLoss)
        return (
            emotionLoss + stage.loss.speechWeight * speechLoss + pretextLoss + attributeLoss,
            Gradients(classes: classes, speech: speech, heads: heads)
        )
    }

    /// The loss of whole clips and that of their beginnings; the chunks of the pretext tasks teach no emotion.
    private func emotionLosses(_ logits: [Float], _ lessons: Lessons) -> (Float, [Float]) {
        let size = lessons.emotions.count * classCount
        let whole = emotion.lossAndGradient(
            logits[..<size],
            lessons.emotions,
            scale: stage.loss.emotionWeight
        )
        let rest = logits.count - size
        guard lessons.beginning != nil else {
            return (whole.loss, whole.gradient + repeatElement(0, count: rest))
        }
        let beginning = emotion.lossAndGradient(
            logits[rest...],
            lessons.emotions,
            scale: stage.loss.emotionWeight * stage.loss.prefixWeight
        )
        let chunks = repeatElement(Float(0), count: rest - size)
        return (whole.loss + beginning.loss, whole.gradient + chunks + beginning.gradient)
    }

    /// As for the emotions, of whole clips and their beginnings; the head is the last of the pooled ones.
    private mutating func addAttributeLosses(
        _ output: EmotionNetwork<Float>.Output,
        _ lessons: Lessons,
        to heads: inout PretextLoss.Gradients
    ) -> Float {
        guard let outputs = output.pooledHeads.last, attributes != nil else { return 0 }
        let size = outputs.count / lessons.views.count
        var gradient = Array(repeating: Float(0), count: outputs.count)
        var loss: Float = 0
        func add(_ part: (loss: Float, gradient: [Float])?, at start: Int) {
            guard let part else { return }
            loss += part.loss
            gradient.replaceSubrange(start..<start + size, with: part.gradient)
        }
        add(attributes?.lossAndGradient(outputs[..<size], lessons.attributes), at: 0)
        if lessons.beginning != nil {
            let start = outputs.count - size
            add(
                attributes?.lossAndGradient(
                    outputs[start...],
                    lessons.attributes,
                    scale: stage.loss.prefixWeight
                ),
                at: start
            )
        }
        heads.pooled.append(gradient)
        return loss
    }

    /// The pretext tasks see whole clips and chunks, not the beginnings that follow them.
    private mutating func pretextLosses(_ output: EmotionNetwork<Float>.Output, _ lessons: Lessons) -> (
        Float, PretextLoss.Gradients
    ) {
        guard let targets = lessons.pretext else { return (0, .init()) }
        let views = lessons.views.count
        let seen = output.pooledHeads.map { Array($0.prefix($0.count / views * targets.views.count)) }
        guard
            let (loss, gradients) = pretext?.lossAndGradients(
                pooled: seen,
                frames: output.frameHeads,
                targets
            )
        else { return (0, .init()) }
        let pooled = zip(gradients.pooled, output.pooledHeads).map { gradient, outputs in
            gradient + repeatElement(0, count: outputs.count - gradient.count)
        }
        return (loss, PretextLoss.Gradients(pooled: pooled, frames: gradients.frames))
    }
}
