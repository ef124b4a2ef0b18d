// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Corpora
import Foundation
import MessagePassing
import ModelBundle
import Recipes
import ServiceRuntime

/// Makes feature tables and says what the corpora hold.
struct Prepare: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Decode the corpora into feature tables and report what they hold.",
        discussion: """
            One JSON line for each corpus on stdout. A damaged clip is an error that names file and line; with \
            --skip-damaged, the run leaves such clips out from now on and lists them in RUN/skipped.json. The size of the \
            cache is shown on stderr. --clean makes it smaller; where several recipes share a folder by --cache, it removes \
            the tables of the other recipes too, which are then made again.
            """
    )
    @OptionGroup var options: RunOptions
    @OptionGroup var overwriting: OverwriteOption
    @Flag(help: "Look for clips that cannot be used, and leave them out.") var skipDamaged = false
    @Flag(help: "Remove feature tables of other versions, and those that the recipe does not use.")
    var clean = false

    func run() async throws {
        var run = try options.open(overwriting.opening)
        if skipDamaged { try await run.skipDamaged(again: true, options.progress.show) }
        let summaries = try await run.prepare(options.progress.show)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        for summary in summaries {
            try StandardOutput.write(String(decoding: encoder.encode(summary), as: UTF8.self) + "\n")
        }
        if clean { ProgressDisplay.show("removed \(run.cleanCache().description)") }
        ProgressDisplay.show("cache \(run.cacheFolder.path): \(run.cacheSize.description)")
    }
}

/// Which of a run's networks.
struct PartOptions: ParsableArguments {
    @Option(help: "Only this fold, counted from 0.") var fold: Int?
    @Flag(help: "Only the network that is shipped.") var release = false

    func validate() throws {
        if fold != nil, release { throw ValidationError("--fold and --release exclude each other") }
    }

    func parts(of run: TrainingRun) throws -> [RunPart] {
        guard let fold else { return release ? [.release] : run.parts }
        guard (0..<run.foldCount).contains(fold) else {
            throw ProgramFailure(
                .usage,
                "there is no fold \(fold); the recipe has \(run.foldCount) folds, counted from 0"
            )
        }
        return [.fold(fold)]
    }
}

/// Trains what evaluation and release need, or one fold of it.
struct Train: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train the networks of a recipe: one for each fold, and the one that is shipped.",
        discussion: """
            With the trait MPI built in, several processes train each network together:

              mpirun -np 4 undertone-train train ...

            They need the same recipe, corpora and folders, as on one machine or a shared file system.
            """
    )
    @OptionGroup var options: RunOptions
    @OptionGroup var which: PartOptions
    @OptionGroup var overwriting: OverwriteOption
    @Flag(help: "Leave clips out that cannot be used; see prepare.") var skipDamaged = false

    func run() async throws {
        let group = try ProcessGroup.launched()
        var run = try options.open(overwriting.opening, in: group)
        if skipDamaged { try await run.skipDamaged(again: false, options.progress.show) }
        try await run.train(which.parts(of: run), options.progress.show)
        try group.finish()
    }
}

/// Trains the pretext stages alone.
struct Pretrain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train only the stages of a recipe that come before its first stage with emotions.",
        discussion: "train, called later with the same folder, goes on from there."
    )
    @OptionGroup var options: RunOptions
    @OptionGroup var which: PartOptions
    @OptionGroup var overwriting: OverwriteOption

    func run() async throws {
        let group = try ProcessGroup.launched()
        let run = try options.open(overwriting.opening, in: group)
        for part in try which.parts(of: run) { try await run.pretrain(part, options.progress.show) }
        try group.finish()
    }
}

/// Tests the networks of all folds.
struct Evaluate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Test each fold's network on speakers that it was not trained on, through the streaming path.",
        discussion: """
            Markdown tables on stdout; the same and evaluation.json in the run's folder. A recipe with a read-out is also \
            tested on known voices, from one pooled vector for each clip: voices.json and voices.md; one with a vocal head \
            on sounds without words: vocal.json and vocal.md.
            """
    )
    @OptionGroup var options: RunOptions
    @Flag(help: "Only unknown and known voices from pooled vectors, which takes minutes.") var voices = false
    @Flag(help: "Only sounds without words, which takes minutes.") var vocal = false

    func run() async throws {
        let run = try options.open(RunOpening(.testing, notice: ProgressDisplay.show))
        if voices, run.recipe.readout == nil {
            throw ProgramFailure(
                .usage,
                "the recipe has no readout, so --voices has nothing to test; leave it out"
            )
        }
        if vocal, run.recipe.vocal == nil {
            throw ProgramFailure(
                .usage,
                "the recipe has no vocal head, so --vocal has nothing to test; leave it out"
            )
        }
        let isWhole = !voices && !vocal
        if isWhole { try StandardOutput.show(try await run.evaluate(options.progress.show).markdown) }
        if run.recipe.readout != nil, isWhole || voices {
            try StandardOutput.show(try await run.evaluateVoices(options.progress.show).markdown)
        }
        if run.recipe.vocal != nil, isWhole || vocal {
            try StandardOutput.show(try await run.evaluateVocal(options.progress.show).markdown)
        }
    }
}

/// Writes the shipped model's folder.
struct Export: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write the trained model with its card as a folder that undertoned reads."
    )
    @OptionGroup var options: RunOptions
    @Option(help: ArgumentHelp("The model folder to write.", valueName: "dir")) var out: String
    @OptionGroup var overwriting: OverwriteOption

    func run() async throws {
        let run = try options.open(RunOpening(.reading))
        try run.checkExport(to: out, overwriting.opening)
        try run.export(to: URL(filePath: out))
    }
}

/// All of it: the one command that makes the default model.
struct DefaultModel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prepare, train, evaluate and export: reproduces the model that Undertone ships with."
    )
    @OptionGroup var options: RunOptions
    @Option(help: ArgumentHelp("The model folder to write.", valueName: "dir")) var out: String
    @OptionGroup var overwriting: OverwriteOption

    func run() async throws {
        try ModelFolder.checkReplaceable(path: out)
        let run = try options.open(overwriting.opening)
        try run.checkExport(to: out, overwriting.opening)
        try await run.train(run.parts, options.progress.show)
        let report = run.foldCount > 0 ? try await run.evaluate(options.progress.show) : nil
        if run.recipe.readout != nil, report != nil {
            _ = try await run.evaluateVoices(options.progress.show)
        }
        try run.export(to: URL(filePath: out))
        if let report { try StandardOutput.show(report.markdown) }
    }
}
