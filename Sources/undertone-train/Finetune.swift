// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import MessagePassing
import ModelBundle
import Recipes
import ServiceRuntime

/// Gives an encoder an emotion head, or teaches a model more.
struct Finetune: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Begin with the encoder of another model, train on labelled recordings, and write the model.",
        discussion: """
            For recordings of your own, one folder for each label (neutral, happy, sad, angry, fearful, disgusted, \
            surprised):

              undertone-train import folders my-recordings --out data/mine
              undertone-train finetune --from free --data data --out my-model
              undertone analyze --model my-model a-recording.wav

            The recipe must have the network of the model; the recipe finetune has that of the bundled ones.
            """
    )
    @Option(
        name: .customLong("from"),
        help: ArgumentHelp("The model to start from: a folder, or free.", valueName: "model")
    )
    var start: String
    @Option(help: ArgumentHelp("The recipe: a file, or the name of one that ships.", valueName: "file"))
    var recipe = "finetune"
    @OptionGroup var places: PlaceOptions
    @Option(help: ArgumentHelp("The folder of the run; else runs/finetune.", valueName: "dir")) var run:
        String?
    @Option(help: ArgumentHelp("The model folder to write.", valueName: "dir")) var out: String
    @OptionGroup var overwriting: OverwriteOption

    func run() async throws {
        try ModelFolder.checkReplaceable(path: out)
        let file = RecipePlaces.current.file(named: recipe)
        var recipe = try readRecipe(file)
        recipe.start = start
        let run = try TrainingRun(
            recipe,
            recipeFile: file,
            data: places.dataFolder(),
            folder: URL(filePath: run ?? "runs/\(recipe.name)"),
            cache: places.cacheFolder,
            tables: places.tablesFolder,
            group: .single(),
            opening: overwriting.opening
        )
        try run.checkExport(to: out, overwriting.opening)
        try await run.train(run.parts, places.progress.show)
        if run.foldCount > 0 {
            try StandardOutput.show(try await run.evaluate(places.progress.show).markdown)
        }
        try run.export(to: URL(filePath: out))
    }
}
