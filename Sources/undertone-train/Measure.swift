// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Corpora
import EmotionStream
import Foundation
import ModelBundle
import Recipes
import ServiceRuntime

/// Measures how a model behaves in streams.
struct Measure: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure a model on music, noises and children, and when a mood changes.",
        discussion: """
            Streams real recordings through the daemon's pipeline and prints a table, each figure with its counts: \
            utterances an hour in music at three levels; vocal noises (deeply_nonverbal) and other noises (fold 5 of \
            esc10 and esc50_other40, sounds_free) that get a label; the labels of children up to 10 years \
            (speechocean762); how often and how soon "angry" is named when angry clips follow calm ones of the same \
            RAVDESS speaker; how often the interim label changes. A corpus that is not there is left out.
            """
    )
    @Option(help: ArgumentHelp("The model; else the one that ships with Undertone.", valueName: "dir"))
    var model = ModelFolder.defaultPath
    @Option(
        help: ArgumentHelp(
            "The folder that holds the corpora; else UNDERTONE_DATA names it.",
            valueName: "dir"
        )
    )
    var data: String?
    @Option(
        help: ArgumentHelp(
            "RAVDESS speakers, separated by commas, such as rav23,rav24; else all.",
            valueName: "names"
        )
    )
    var speakers: String?
    @Flag(help: "One JSON object in place of the table.") var json = false

    func run() async throws {
        let names = speakers.map { Set($0.split(separator: ",").map(String.init)) }
        let test = BehaviourTest(
            try StreamModel(path: model),
            data: try DataFolder(option: data),
            speakers: names
        )
        let report = try await test.run { StandardError.write("measuring \($0)\n") }
        guard json else { return try StandardOutput.write(report.markdown) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        try StandardOutput.write(String(decoding: encoder.encode(report), as: UTF8.self) + "\n")
    }
}
