// SPDX-License-Identifier: Apache-2.0
import Corpora
import EmotionStream
import Foundation
import MatrixProducts
import SpeechFeatures

extension TrainingRun {
    /// Judges the vocal head in five parts, and writes `vocal.json` and `vocal.md`.
    public func evaluateVocal(_ tell: (RunEvent) -> Void) async throws -> VocalReport {
        guard let settings = recipe.vocal else {
            throw RecipeError.run(path: folder.url.path, problem: "its recipe has no vocal head")
        }
        guard folder.hasModel(of: .release) else { throw untrained(.release) }
        let trainer = try vocalTrainer(settings, model: folder.uncalibrated(of: .release), tell)
        let fits = (0..<5).map { fold in trainer.fit { trainer.fold(of: $0) != fold } }
        var counts = Array(repeating: (count: 0, named: 0, right: 0), count: settings.kinds.count + 1)
        for recording in trainer.recordings {
            counts[recording.kind].count += 1
            let fit = fits[trainer.fold(of: recording)]
            for kind in named(recording, fit, settings.threshold) {
                counts[kind].named += 1
                if kind == recording.kind { counts[kind].right += 1 }
            }
        }
        let kinds = zip(settings.kinds, counts.dropFirst()).map { kind, count in
            VocalReport.Kind(name: kind.name, count: count.count, named: count.named, right: count.right)
        }
        let report = VocalReport(
            kinds: kinds,
            others: counts[0].count,
            threshold: settings.threshold,
            reported: settings.reported
        )
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        try folder.write(encoder.encode(report), to: "vocal.json")
        try folder.write(Data(report.markdown.utf8), to: "vocal.md")
        return report
    }

    /// The kinds that some sound of a recording is named.
    private func named(_ recording: VocalTrainer.Recording, _ fit: VocalTrainer.Fit, _ threshold: Float)
        -> Set<Int>
    {
        var kinds: Set<Int> = []
        for vector in recording.vectors {
            let probabilities = fit.probabilities(vector)
            let best = probabilities.indices.max { probabilities[$0] < probabilities[$1] } ?? 0
            if best > 0, probabilities[best] >= threshold { kinds.insert(best) }
        }
        return kinds
    }

    /// The sounds of all recordings that the head learns from, pooled by the stream of `model`.
    func vocalTrainer(_ settings: Recipe.Vocal, model: URL, _ tell: (RunEvent) -> Void) throws -> VocalTrainer
    {
        try OpenBLAS.load()
        let vectors = SoundVectors(model: try StreamModel(path: model.path))
        var trainer = VocalTrainer(settings, seed: recipe.seed)
        let taught = try vocalClips(settings)
        for (done, entry) in taught.enumerated() {
            let samples = try ClipAudio.samples(of: entry.clip, sampleRate: features.spectrum.sampleRate)
            trainer.add(
                VocalTrainer.Recording(
                    vectors: vectors.sounds(of: samples),
                    kind: entry.kind,
                    source: entry.clip.source
                )
            )
            tell(.evaluating(part: "vocal", done: done + 1, of: taught.count))
        }
        return trainer
    }

    private func vocalClips(_ settings: Recipe.Vocal) throws -> [(clip: Clip, kind: Int)] {
        var taken: Set<String> = []
        var entries: [(clip: Clip, kind: Int)] = []
        for (index, kind) in settings.kinds.enumerated() {
            for clip in try library.clips(kind.sounds) where taken.insert(clip.name).inserted {
                entries.append((clip, index + 1))
            }
        }
        for selection in settings.others {
            let clips = try library.clips([selection]).filter { !taken.contains($0.name) }
            let step = max(1, (clips.count + settings.mostClips - 1) / settings.mostClips)
            for index in stride(from: 0, to: clips.count, by: step) { entries.append((clips[index], 0)) }
        }
        return entries
    }
}
