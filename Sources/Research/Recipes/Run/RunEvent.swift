// SPDX-License-Identifier: Apache-2.0

/// Progress of a long run; the program shows it as a bar or as JSON lines.
public enum RunEvent: Codable, Hashable, Sendable {
    /// Features of a corpus are made.
    case preparing(corpus: String, copy: Int, done: Int, of: Int)
    /// A corpus has been looked through for damaged clips, which are left out: each with its line and what is wrong.
    case skipped(corpus: String, clips: [String])
    /// A sentence for a person: what is made again, or what is wrong with the data.
    case notice(sentence: String)
    /// A training step is done.
    case step(part: String, stage: String, done: Int, of: Int, loss: Double)
    /// An epoch is done and a checkpoint written; `figures` has the mean of each loss and the tasks' accuracies, and
    /// the learning rate is that at its end.
    case epoch(
        part: String,
        stage: String,
        epoch: Int,
        of: Int,
        loss: Double,
        cpuSeconds: Double,
        learningRate: Double,
        figures: [String: Double]
    )
    /// Number of clips by the way their faces were measured, for the tasks that need faces.
    case faces(part: String, stage: String, sources: [String: Int], classes: [String: Int])
    /// Number of clips with labels from their own votes, from listeners' votes on the same intended emotion elsewhere,
    /// and from the intended emotion alone, for a loss with co-occurrence.
    case labels(part: String, stage: String, sources: [String: Int])
    /// The development speakers have set the temperature; `recall` is the unweighted average of theirs.
    case calibrated(part: String, speakers: [String], temperature: Double, recall: Double)
    /// Clips go through the streaming path.
    case evaluating(part: String, done: Int, of: Int)
}
