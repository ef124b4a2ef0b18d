// SPDX-License-Identifier: Apache-2.0
import MessagePassing
import Training

/// A network that several processes train together, each on its rows of every batch.
///
/// All processes draw the same batch and the same chances. Each takes its rows through the network; then all know the
/// outputs of the whole batch, so losses, their class weights and masks, and the gradients by the outputs are those of
/// one process. Each takes its rows of these back through the network, and the sum over the processes is the gradient
/// of the whole batch, from which every process takes the same step.
struct SharedNetwork {
    let network: EmotionNetwork<Float>
    let group: ProcessGroup

    /// The output of one process alone for `batch`; see `EmotionNetwork.forward`.
    func forward(
        _ batch: TrainingBatch<Float>,
        views: [[Float]],
        random: inout TrainingRandom
    ) throws(MessagePassingError) -> EmotionNetwork<Float>.Output {
        guard group.count > 1 else {
            return withUnsafeMutablePointer(to: &random) {
                network.forward(batch, views: views, random: $0)
            }
        }
        let share = BatchShare(rows: group.share(of: batch.count), of: batch.count)
        let output = withUnsafeMutablePointer(to: &random) {
            network.forward(
                batch.part(share),
                views: views.map { share.part(of: $0) },
                random: $0,
                share: share
            )
        }
        return try gathered(output, share, views: views.count)
    }

    /// Sets the parameters' gradients to those of the whole batch, from the gradients of the loss by its outputs.
    func backward(_ gradients: StageLosses.Gradients, clips: Int) throws(MessagePassingError) {
        network.parameters.clearGradients()
        let share = BatchShare(rows: group.share(of: clips), of: clips)
        let views = gradients.classes.count / (clips * network.shape.classes)
        func own(_ whole: [Float], views: Int = 1) -> [Float] {
            share.isWhole ? whole : share.part(of: whole, segments: views)
        }
        network.backward(
            classGradients: own(gradients.classes, views: views),
            speechGradients: own(gradients.speech),
            pooledHeadGradients: gradients.heads.pooled.map { own($0, views: views) },
            frameHeadGradients: gradients.heads.frames.map { own($0) }
        )
        try network.parameters.withGradients(group.sum)
    }

    /// The outputs of all processes, each row from the one that has it: a sum in which the others' rows are zeros.
    private func gathered(_ output: EmotionNetwork<Float>.Output, _ share: BatchShare, views: Int)
        throws(MessagePassingError) -> EmotionNetwork<Float>.Output
    {
        let parts =
            [share.whole(from: output.classLogits, segments: views), share.whole(from: output.speechLogits)]
            + output.pooledHeads.map { share.whole(from: $0, segments: views) }
            + output.frameHeads.map { share.whole(from: $0) }
        var numbers = Array(parts.joined())
        try numbers.withUnsafeMutableBufferPointer { (all) throws(MessagePassingError) in try group.sum(all) }
        var first = 0
        let wholes = parts.map { part in
            defer { first += part.count }
            return Array(numbers[first..<first + part.count])
        }
        var output = output
        // No loss asks for the embeddings themselves.
        output.pooled = []
        (output.classLogits, output.speechLogits) = (wholes[0], wholes[1])
        let frameHeads = 2 + output.pooledHeads.count
        output.pooledHeads = Array(wholes[2..<frameHeads])
        output.frameHeads = Array(wholes[frameHeads...])
        return output
    }
}
