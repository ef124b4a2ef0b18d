// SPDX-License-Identifier: Apache-2.0
import Corpora
import EmotionEvents
import EmotionStream
import Foundation
import Recipes
import TestSupport
import Testing

struct FinetuneTests {
    private static let words = ["angry", "happy", "sad"]

    /// A folder of corpora with `mine`: each fixture three times.
    private func withData(_ body: (URL) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "finetune-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let mine = folder.appending(path: "data/mine")
        try FileManager.default.createDirectory(at: mine, withIntermediateDirectories: true)
        var manifest = "path,speaker,label,duration_s\n"
        for word in Self.words {
            for copy in 0..<3 {
                let name = "\(word)-\(copy).opus"
                let place = mine.appending(path: name)
                try FileManager.default.copyItem(at: Fixtures.url("speech/\(word).opus"), to: place)
                manifest += "\(name),me,\(word),4.3\n"
            }
        }
        try manifest.write(to: mine.appending(path: "manifest.csv"), atomically: true, encoding: .utf8)
        try await body(folder)
    }

    private func run(from start: String, in folder: URL) throws -> TrainingRun {
        let file = Fixtures.root.appending(path: "configs/recipes/finetune.yaml")
        var recipe = try Recipe(file: file)
        recipe.start = start
        return try TrainingRun(
            recipe,
            recipeFile: file,
            data: DataFolder(option: folder.appending(path: "data").path),
            folder: folder.appending(path: "run-\(start)")
        )
    }

    @Test func theFreeModelLearnsNewRecordingsAndNamesOnlyTheirLabels() async throws {
        try await withData { folder in
            let run = try run(from: "free", in: folder)
            try await run.train(run.parts) { _ in }
            let model = folder.appending(path: "model")
            try run.export(to: model)
            let learned = try StreamModel(path: model.path)
            #expect(learned.labels == ["happy", "sad", "angry"])
            for word in Self.words {
                let samples = try ClipAudio.samples(
                    of: Fixtures.url("speech/\(word).opus"),
                    sampleRate: 16_000
                )
                var pipeline = EmotionPipeline(learned)
                var summary = ClipSummary(classCount: 3)
                pipeline.step(samples.span) { summary.add($0) }
                pipeline.finish { summary.add($0) }
                #expect(summary.verdict.label.map { learned.labels[$0] } == word)
            }
            let card = try String(contentsOf: model.appending(path: "README.md"), encoding: .utf8)
            #expect(card.contains("license: unknown") && card.contains("finetune --from free"))
        }
    }

    @Test func aModelThatIsNotThereIsNamed() async throws {
        try await withData { folder in
            let error = await #expect(throws: (any Error).self) {
                let run = try run(from: "no-such-model", in: folder)
                try await run.train(run.parts) { _ in }
            }
            #expect(error.map { String(describing: $0) }?.contains("no-such-model") == true)
        }
    }
}
