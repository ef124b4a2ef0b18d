// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation
import MessagePassing
import SpeechFeatures

extension TrainingRun {
    /// Decodes every recording that the recipe names and leaves those out that cannot be used, from now on and in every
    /// later command of this run.
    ///
    /// The list is kept as `skipped.json` in the run's folder: what a run has left out belongs to its results. Of several
    /// processes all must call this.
    /// - Parameters:
    ///   - again: true to repeat the search if the run has a list already; repaired clips come back.
    ///   - tell: is told how many clips each corpus loses.
    public mutating func skipDamaged(again: Bool, _ tell: (RunEvent) -> Void) async throws {
        if try group.agreed(again || !folder.hasSkipped) {
            if group.isFirst { try await folder.skip(damagedClips(tell)) }
            try group.wait()
        }
        library = library.skipping(try folder.skippedClips)
    }

    private func damagedClips(_ tell: (RunEvent) -> Void) async throws -> [DamagedClip] {
        var damaged: [DamagedClip] = []
        for corpus in recipe.trainingCorpora + recipe.testCorpora {
            let clips = try data.manifest(of: corpus).clips
            let health = await ClipHealth(of: clips, sampleRate: features.spectrum.sampleRate)
            damaged += health.damaged
            tell(.skipped(corpus: corpus, clips: health.damaged.map(\.description)))
        }
        return damaged
    }
}

extension RunFolder {
    private static let skippedName = "skipped.json"

    /// The clips that the run leaves out; empty if damage was never looked for.
    var skippedClips: [DamagedClip] {
        get throws(RecipeError) {
            let file = url.appending(path: Self.skippedName)
            guard FileManager.default.fileExists(atPath: file.path) else { return [] }
            guard let clips = try? JSONDecoder().decode([DamagedClip].self, from: Data(contentsOf: file))
            else {
                throw .run(path: file.path, problem: "it is damaged; call prepare --skip-damaged again")
            }
            return clips
        }
    }

    /// True if the search for damage was run.
    var hasSkipped: Bool {
        FileManager.default.fileExists(atPath: url.appending(path: Self.skippedName).path)
    }

    func skip(_ clips: [DamagedClip]) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        try write(encoder.encode(clips), to: Self.skippedName)
    }
}
