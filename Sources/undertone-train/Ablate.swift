// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Corpora
import Foundation
import MessagePassing
import Recipes
import ServiceRuntime

/// Trains and tests every variant of a recipe with every seed.
struct Ablate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train and test variants of a recipe with several seeds, and compare them.",
        discussion: """
            Results go to RUN/VARIANT/seed-N; a call goes on where the last one stopped. With --seed, several processes \
            can share the work; the table counts what is complete. Recipes with a readout are compared on unknown and known \
            voices, as evaluate --voices does, the others through the streaming path.
            """
    )
    @Argument(help: ArgumentHelp("The ablation.", valueName: "file")) var file: String
    @OptionGroup var places: PlaceOptions
    @Option(
        help: ArgumentHelp("The folder of the results; else runs/NAME OF THE FILE.", valueName: "dir")
    ) var run: String?
    @Option(help: "Only this seed.") var seed: UInt64?
    @OptionGroup var overwriting: OverwriteOption

    func run() async throws {
        let url = RecipePlaces.current.file(named: file, .ablations)
        let ablation = try Ablation(file: url)
        let folder = URL(filePath: run ?? "runs/\(url.deletingPathExtension().lastPathComponent)")
        for seed in ablation.seeds where self.seed == nil || self.seed == seed {
            for variant in ablation.variants {
                try await train(variant, seed: seed, ablation, in: folder)
            }
        }
        let runs = ablation.variants.flatMap { variant in
            ablation.seeds.map { Self.folder(variant.name, seed: $0, in: folder) }
        }
        try StandardOutput.show(
            Self.table(runs, ofReadouts: ablation.variants.allSatisfy { $0.recipe.readout != nil })
        )
    }

    /// The comparison of what is complete.
    private static func table(_ runs: [URL], ofReadouts: Bool) throws -> String {
        let file = ofReadouts ? "voices.json" : "evaluation.json"
        let evaluated = runs.filter { FileManager.default.fileExists(atPath: $0.appending(path: file).path) }
        return ofReadouts
            ? try VoiceComparison(runs: evaluated).markdown : try Comparison(runs: evaluated).markdown
    }

    private static func folder(_ variant: String, seed: UInt64, in folder: URL) -> URL {
        folder.appending(path: "\(variant)/seed-\(seed)", directoryHint: .isDirectory)
    }

    private func train(
        _ variant: (name: String, recipe: Recipe),
        seed: UInt64,
        _ ablation: Ablation,
        in folder: URL
    ) async throws {
        var recipe = variant.recipe
        recipe.name = variant.name
        recipe.seed = seed
        let run = try TrainingRun(
            recipe,
            recipeFile: ablation.base,
            data: places.dataFolder(),
            folder: Self.folder(variant.name, seed: seed, in: folder),
            cache: places.cacheFolder ?? folder.appending(path: "cache"),
            tables: places.tablesFolder,
            group: .single(),
            opening: overwriting.opening
        )
        guard !run.isEvaluated else { return }
        let parts = run.parts.filter { $0 != .release || recipe.evaluation?.others?.isEmpty == false }
        try await run.train(parts, places.progress.show)
        if recipe.readout == nil {
            _ = try await run.evaluate(places.progress.show)
        } else {
            _ = try await run.evaluateVoices(places.progress.show)
        }
    }
}
