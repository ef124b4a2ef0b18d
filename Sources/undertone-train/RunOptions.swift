// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Corpora
import Foundation
import MessagePassing
import ModelBundle
import Recipes
import ServiceRuntime

/// Options for the folders of corpora and feature tables.
struct PlaceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The folder that holds the corpora; else UNDERTONE_DATA names it.",
            valueName: "dir"
        )
    )
    var data: String?

    @Option(help: ArgumentHelp("The folder for feature tables; else the run's own.", valueName: "dir"))
    var cache: String?

    @Option(help: ArgumentHelp("The folder that holds the teacher tables a recipe names.", valueName: "dir"))
    var tables: String?

    var tablesFolder: URL? { tables.map { URL(filePath: $0) } }

    func dataFolder() throws -> DataFolder { try DataFolder(option: data) }

    var cacheFolder: URL? { cache.map { URL(filePath: $0) } }

    /// The display of one command.
    var progress: ProgressDisplay { ProgressDisplay() }
}

/// Option to remove outdated results.
struct OverwriteOption: ParsableArguments {
    @Flag(
        help: """
            Remove what the run holds if it was begun with another recipe or other data, after a list of it, and replace the \
            model or file that --out names. Nothing else is ever removed.
            """
    ) var overwrite = false

    /// For a command that adds to a run.
    var opening: RunOpening { RunOpening(isOverwriting: overwrite, notice: ProgressDisplay.show) }
}

/// Options of all commands of one run: the recipe, the corpora, the folder of the run.
struct RunOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The recipe: a file, or the name of one that ships.", valueName: "file"))
    var recipe = "default"

    @OptionGroup var places: PlaceOptions

    @Option(
        help: ArgumentHelp(
            "The folder of the run: checkpoints, logs, models, figures; else runs/NAME OF THE RECIPE.",
            valueName: "dir"
        )
    )
    var run: String?

    @Option(help: "Another seed than the recipe's.") var seed: UInt64?

    /// The run for a command that is the work of one process.
    func open(_ opening: RunOpening) throws -> TrainingRun { try open(opening, in: .single()) }

    /// The run of the processes of `group`.
    func open(_ opening: RunOpening, in group: ProcessGroup) throws -> TrainingRun {
        let file = RecipePlaces.current.file(named: recipe)
        var recipe = try readRecipe(file)
        recipe.seed = seed ?? recipe.seed
        return try TrainingRun(
            recipe,
            recipeFile: file,
            data: places.dataFolder(),
            folder: URL(filePath: run ?? "runs/\(recipe.name)"),
            cache: places.cacheFolder,
            tables: places.tablesFolder,
            group: group,
            opening: opening
        )
    }

    /// The display of one command.
    var progress: ProgressDisplay { places.progress }
}

/// The recipe in `file`.
///
/// - Throws: where there is none, a sentence that says where recipes are.
func readRecipe(_ file: URL) throws -> Recipe {
    guard FileManager.default.fileExists(atPath: file.path) else {
        throw ProgramFailure(
            .configuration,
            "there is no recipe at \(file.path); name one with --recipe: a file, or a recipe that ships, such as finetune "
                + "(in configs/recipes of a checkout, or installed in share/undertone/recipes)"
        )
    }
    return try Recipe(file: file)
}

/// Exit status for the errors of the modules.
func failure(_ error: any Error) -> ProgramFailure {
    switch error {
    case let error as CorporaError:
        switch error {
        case .noDataFolder: ProgramFailure(.usage, error.description)
        case .cache: ProgramFailure(.other, error.description)
        default: ProgramFailure(.inputFile, error.description)
        }
    case RecipeError.recipe: ProgramFailure(.configuration, String(describing: error))
    case RecipeError.data: ProgramFailure(.inputFile, String(describing: error))
    case RecipeError.locked: ProgramFailure(.anotherInstance, String(describing: error))
    case let error as ModelError: ProgramFailure(.model, error.description)
    case is CancellationError:
        ProgramFailure(.interrupted, "interrupted; the same command goes on from the checkpoint")
    default: ProgramFailure(.other, String(describing: error))
    }
}
