// SPDX-License-Identifier: Apache-2.0
import Corpora
import Training

/// The labels of a stage's pretext tasks: thresholds from its training clips, and what is known of each clip's face.
///
/// A task that the recipe switches off, with the weight 0, has no labels and no head.
struct PretextTasks: Sendable {
    let settings: Recipe.Pretext
    /// Source of the labels of faces; `nil` if no task needs them.
    let faces: FaceLabels?
    private let energy: EnergyTask?
    private let teacher: TeacherVectors?
    private let chunkFrames: Int
    private let framesPerSecond: Double
    private let sets: [ClipSet]
    /// The cluster of each clip in this epoch.
    var clusters = ClipClusters()

    /// - Parameters:
    ///   - settings: which tasks, and how.
    ///   - sets: the training clips of each set, in the order of the draws' sets.
    ///   - faces: what is known of the faces of each set.
    ///   - teacher: a teacher's vectors; nil if no task needs them.
    ///   - framesPerSecond: of feature frames.
    init(
        _ settings: Recipe.Pretext,
        sets: [(set: ClipSet, clips: [Int])],
        faces: [FaceLibrary?],
        teacher: TeacherTable? = nil,
        framesPerSecond: Double
    ) {
        self.teacher = teacher.map {
            TeacherVectors($0, sets: sets.map(\.set), framesPerSecond: framesPerSecond)
        }
        (self.settings, self.framesPerSecond) = (settings, framesPerSecond)
        self.sets = sets.map(\.set)
        chunkFrames = max(1, Int(settings.chunkSeconds * framesPerSecond))
        energy = settings.energyWeight > 0 ? EnergyTask(sets, chunkFrames: chunkFrames) : nil
        let needsFaces = settings.faceWeight > 0 || settings.unitWeight > 0
        self.faces = needsFaces ? FaceLabels(sets, faces, chunkSeconds: settings.chunkSeconds) : nil
    }

    /// The targets of a batch; the chunks are drawn from `random`.
    func targets(
        _ draws: [DrawnClip],
        _ batch: PaddedBatch,
        using random: inout some RandomNumberGenerator
    ) -> PretextTargets {
        var targets = PretextTargets()
        add(batch.clips.map { 0..<$0.frameCount }, isWhole: true, draws, batch, to: &targets)
        var starts: [[Int]] = []
        for _ in 0..<settings.chunks {
            let chunks = batch.clips.map { clip in
                let start = Int.random(in: 0...max(0, clip.frameCount - chunkFrames), using: &random)
                return start..<min(clip.frameCount, start + chunkFrames)
            }
            add(chunks, isWhole: false, draws, batch, to: &targets)
            starts.append(chunks.map(\.lowerBound))
        }
        if settings.triplets != nil {
            targets.triplets = ChunkTriplets.triplets(starts, farther: chunkFrames / 2)
        }
        if settings.predictionWeight > 0 { addFuture(batch, to: &targets) }
        teacher?.add(draws, batch, to: &targets)
        return targets
    }

    /// One view: a stretch of each clip.
    private func add(
        _ stretches: [Range<Int>],
        isWhole: Bool,
        _ draws: [DrawnClip],
        _ batch: PaddedBatch,
        to targets: inout PretextTargets
    ) {
        targets.views.append(batch.mask(of: stretches))
        for (index, draw) in draws.enumerated() {
            let (stretch, clip) = (stretches[index], batch.clips[index])
            let seconds = videoSeconds(of: draw, stretch)
            targets.face.append(faces?.isActive(draw, seconds))
            targets.units.append(faces?.unitClass(draw))
            targets.clusters.append(clusters[draw])
            let variation = isWhole ? nil : EnergyTask.variation(clip.energy[stretch], clip.isSpeech[stretch])
            targets.energy.append(variation.flatMap { energy?.isHigh($0, set: draw.set) })
        }
    }

    /// When the face said what a stretch of a drawn clip says: a copy of another speed has another clock.
    private func videoSeconds(of draw: DrawnClip, _ stretch: Range<Int>) -> Range<Double> {
        let tempo =
            sets.indices.contains(draw.set) ? sets[draw.set].tempo(ofClip: draw.clip, copy: draw.copy) : 1
        let start = Double(draw.frames.lowerBound) + Double(stretch.lowerBound) * tempo
        return start / framesPerSecond..<(start + Double(stretch.count) * tempo) / framesPerSecond
    }

    /// The frame that comes `predictionFrames` after each embedding's own.
    private func addFuture(_ batch: PaddedBatch, to targets: inout PretextTargets) {
        let inputs = batch.input.features.count / max(1, batch.input.count * batch.input.frames)
        for (index, clip) in batch.clips.enumerated() {
            for frame in stride(from: 0, to: batch.input.frames, by: batch.stride) {
                let ahead = frame + settings.predictionFrames
                let isKnown = ahead < clip.frameCount
                let row = (index * batch.input.frames + (isKnown ? ahead : 0)) * inputs
                targets.future += batch.input.features[row..<row + inputs]
                targets.futureMask.append(isKnown ? 1 : 0)
            }
        }
    }
}
