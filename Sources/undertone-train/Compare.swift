// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Corpora
import Foundation
import Recipes
import ServiceRuntime

/// Puts evaluations side by side.
struct Compare: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Compare evaluated runs: means over folds and seeds, gains over the first recipe, paired tests.",
        discussion: """
            Runs of recipes with the same name count as seeds of one. The table is Markdown.

              undertone-train compare runs/old runs/new
              undertone-train compare --unseen runs/release runs/without-nemo runs/without-ased
            """
    )
    @Argument(help: ArgumentHelp("Folders of runs, those to compare with first.", valueName: "run"))
    var runs: [String]

    @Option(
        help: ArgumentHelp(
            "A folder with listeners' votes, to say how far wrong the wrong answers are.",
            valueName: "dir"
        )
    )
    var votes: String?

    @Flag(
        help: """
            Print what the runs report on corpora that no training has used (evaluation.others), with the mean over all \
            of them. Runs that leave out one corpus each give leave-one-corpus-out figures.
            """
    ) var unseen = false

    @Flag(help: "Compare read-outs on unknown and known voices: what evaluate --voices measured.")
    var voices = false

    func run() throws {
        if voices {
            return try StandardOutput.show(VoiceComparison(runs: runs.map { URL(filePath: $0) }).markdown)
        }
        if unseen {
            return try StandardOutput.write(UnseenCorpora(runs: runs.map { URL(filePath: $0) }).markdown)
        }
        let listeners = try votes.map {
            CoOccurrenceMatrix(try ListenerVotes(folder: URL(filePath: $0)).ratings.map(\.votes))
        }
        let table = try Comparison(runs: runs.map { URL(filePath: $0) }, listeners: listeners).markdown
        try StandardOutput.show(table)
    }
}
