// SPDX-License-Identifier: Apache-2.0
import Corpora
import Training

/// The losses of the pretext tasks, weighted and summed: L = sum over tasks of weight times loss.
///
/// Binary cross entropy for energy and face, class-balanced cross entropy for the emotions of action units (Goncalves &
/// Busso 2022; how the tasks are summed is our choice), mean absolute error for the predicted frame (Chung et al. 2019).
/// Cross entropy for the clusters (Lin, Sridhar & Busso 2021), a triplet loss on a projection for near and far chunks (Lin
/// & Busso 2024, who put it on the embedding itself).
package struct PretextLoss: Sendable {
    /// Result of one task, summed over batches.
    package struct Score: Sendable {
        package var loss = 0.0
        package var batches = 0.0
        package var right = 0.0
        package var judged = 0.0
    }

    /// Values that the backward pass needs.
    package struct Gradients {
        package var pooled: [[Float]] = []
        package var frames: [[Float]] = []
    }

    private let settings: Recipe.Pretext
    /// The tasks on pooled embeddings, in the order of the shape's heads.
    private let pooledTasks: [Task]
    package private(set) var scores: [Task: Score] = [:]

    /// The tasks, by the names of their heads and figures.
    package enum Task: String, CaseIterable, Sendable {
        case energy, face, units, prediction, clusters, triplets, teacher
    }

    package init(_ settings: Recipe.Pretext) {
        self.settings = settings
        pooledTasks = Self.pooledTasks(settings)
    }

    /// The heads that a network needs for `settings`.
    static func heads(_ settings: Recipe.Pretext, inputs: Int) -> (
        pooled: [NetworkShape.Head], frames: [NetworkShape.Head]
    ) {
        let pooled = pooledTasks(settings).map { task in
            NetworkShape.Head(name: "pretext.\(task.rawValue)", outputs: outputs(of: task, settings))
        }
        let future = settings.predictionWeight > 0 ? [inputs] : []
        let frames = future.map { NetworkShape.Head(name: "pretext.prediction", outputs: $0) }
        return (pooled, frames)
    }

    /// Numbers that the triplets are compared in.
    private static let projection = 32

    private static func outputs(of task: Task, _ settings: Recipe.Pretext) -> Int {
        switch task {
        case .units: UnitEmotionTask.classNames.count
        case .clusters: settings.clusters?.count ?? 1
        case .triplets: projection
        case .energy, .face, .prediction, .teacher: 1
        }
    }

    private static func pooledTasks(_ settings: Recipe.Pretext) -> [Task] {
        let weights = [
            (Task.energy, settings.energyWeight), (.face, settings.faceWeight), (.units, settings.unitWeight),
            (.clusters, settings.clusters?.weight ?? 0), (.triplets, settings.triplets?.weight ?? 0),
        ]
        return weights.filter { $0.1 > 0 }.map(\.0)
    }

    /// The tasks on embeddings, in the order of the shape's heads: the teacher's head is the network's own and last.
    private var frameTasks: [Task] {
        (settings.predictionWeight > 0 ? [.prediction] : []) + (settings.teacher == nil ? [] : [.teacher])
    }

    /// Forgets the scores of the epoch before.
    mutating func clearScores() { scores = [:] }

    /// The weighted sum of the losses, and its gradients by the heads' outputs.
    ///
    /// - Parameters:
    ///   - pooled: the pooled heads' outputs for the targets' views, [views, B, outputs] each.
    ///   - frames: the frame heads' outputs, [B, U, outputs] each.
    ///   - targets: what they should have been.
    package mutating func lossAndGradients(
        pooled: [[Float]],
        frames: [[Float]],
        _ targets: PretextTargets
    ) -> (loss: Float, gradients: Gradients) {
        var gradients = Gradients()
        var loss: Float = 0
        for (task, outputs) in zip(pooledTasks, pooled) {
            let (taskLoss, gradient) = pooledLoss(task, outputs, targets)
            loss += taskLoss
            gradients.pooled.append(gradient)
        }
        for (task, outputs) in zip(frameTasks, frames) {
            let (taskLoss, gradient) =
                task == .teacher ? teacher(outputs, targets) : prediction(outputs, targets)
            loss += taskLoss
            gradients.frames.append(gradient)
        }
        return (loss, gradients)
    }

    private mutating func pooledLoss(_ task: Task, _ outputs: [Float], _ targets: PretextTargets) -> (
        Float, [Float]
    ) {
        switch task {
        case .energy: binary(task, outputs, targets.energy)
        case .face: binary(task, outputs, targets.face)
        case .units: classes(task, outputs, targets.units, weight: settings.unitWeight)
        case .clusters: classes(task, outputs, targets.clusters, weight: settings.clusters?.weight ?? 0)
        case .triplets: triplets(outputs, targets.triplets)
        case .prediction, .teacher: preconditionFailure("\(task) has a head on frames")
        }
    }

    private mutating func triplets(_ outputs: [Float], _ triplets: [Triplet]) -> (Float, [Float]) {
        var gradient = Array(repeating: Float(0), count: outputs.count)
        let loss = Losses.tripletMargin(
            outputs,
            columns: Self.projection,
            triplets,
            margin: settings.triplets?.margin ?? 0,
            gradient: &gradient
        )
        note(.triplets, loss, right: 0, of: 0)
        return scaled(loss, gradient, by: settings.triplets?.weight ?? 0)
    }

    private mutating func binary(_ task: Task, _ outputs: [Float], _ targets: PretextTargets.Binary) -> (
        Float, [Float]
    ) {
        var gradient = outputs
        let loss = Losses.binaryCrossEntropy(
            logits: outputs,
            targets: targets.values,
            mask: targets.weights,
            gradient: &gradient
        )
        let judged = outputs.indices.filter { targets.weights[$0] > 0 }
        let right = judged.count { (outputs[$0] > 0) == (targets.values[$0] > 0.5) }
        note(task, loss, right: right, of: judged.count)
        return scaled(loss, gradient, by: task == .energy ? settings.energyWeight : settings.faceWeight)
    }

    /// Clips weigh as the inverse of their class's share of the batch.
    private mutating func classes(_ task: Task, _ outputs: [Float], _ truths: [Int?], weight: Float) -> (
        Float, [Float]
    ) {
        let count = outputs.count / max(1, truths.count)
        var weights = Array(repeating: Float(0), count: count)
        var targets = Array(repeating: Float(0), count: outputs.count)
        var right = 0
        for (row, truth) in truths.enumerated() {
            guard let truth else { continue }
            weights[truth] += 1
            targets[row * count + truth] = 1
            let scores = outputs[row * count..<(row + 1) * count]
            right += scores[row * count + truth] == scores.max() ? 1 : 0
        }
        let judged = Int(weights.reduce(0, +))
        weights = weights.map { $0 > 0 ? 1 / $0 : 0 }
        var gradient = outputs
        let loss = Losses.crossEntropy(
            logits: outputs,
            targets: targets,
            classWeights: weights,
            gradient: &gradient
        )
        note(task, loss, right: right, of: judged)
        return scaled(loss, gradient, by: weight)
    }

    private mutating func prediction(_ outputs: [Float], _ targets: PretextTargets) -> (Float, [Float]) {
        var gradient = outputs
        let loss = Losses.absoluteError(
            outputs: outputs,
            targets: targets.future,
            mask: targets.futureMask,
            gradient: &gradient
        )
        note(.prediction, loss, right: 0, of: 0)
        return scaled(loss, gradient, by: settings.predictionWeight)
    }

    private mutating func teacher(_ outputs: [Float], _ targets: PretextTargets) -> (Float, [Float]) {
        guard let settings = settings.teacher else { return (0, outputs.map { _ in 0 }) }
        let result = TeacherLoss<Float>(weight: settings.weight, momentWeight: settings.momentWeight)
            .lossAndGradient(
                outputs: outputs,
                targets: targets.teacher,
                mask: targets.teacherMask,
                clips: targets.clipCount
            )
        note(.teacher, result.frameError, right: 0, of: 0)
        return (result.loss, result.gradient)
    }

    private mutating func note(_ task: Task, _ loss: Float, right: Int, of judged: Int) {
        var score = scores[task] ?? Score()
        score.loss += Double(loss)
        score.batches += 1
        score.right += Double(right)
        score.judged += Double(judged)
        scores[task] = score
    }

    private func scaled(_ loss: Float, _ gradient: [Float], by weight: Float) -> (Float, [Float]) {
        (weight * loss, gradient.map { weight * $0 })
    }
}
