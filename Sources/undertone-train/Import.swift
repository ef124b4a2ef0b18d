// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import AudioFiles
import Corpora
import Foundation
import PlainText
import ServiceRuntime

/// The case that `word` names, or an error that lists all.
private func named<Choice: RawRepresentable & CaseIterable>(_ word: String) throws -> Choice
where Choice.RawValue == String {
    guard let choice = Choice(rawValue: word) else {
        let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("'\(word)' is none of \(words)")
    }
    return choice
}

/// Makes a manifest for a corpus as it was published.
struct Import: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Make a corpus folder with a manifest from a published corpus, or from recordings of your own.",
        discussion: """
            The recordings stay where they are and are linked. Words that name none of the seven classes leave a clip \
            unlabelled. A recording that cannot be read is listed and left out; recordings of kinds that cannot be decoded \
            here are counted. Where ffmpeg is installed, MPEG-4, WebM, AAC and the like are decoded through it.

              undertone-train import ravdess ~/RAVDESS --out data/ravdess
              undertone-train import folders my-recordings --out data/mine      angry/one.wav, sad/anna/two.wav ...
            """
    )
    @Argument(
        help: "How the files are named: \(CorpusLayout.allCases.map(\.rawValue).joined(separator: ", ")).",
        transform: { try named($0) }
    ) var layout: CorpusLayout
    @Argument(help: ArgumentHelp("The corpus.", valueName: "dir")) var folder: String
    @Option(help: ArgumentHelp("The corpus folder to write.", valueName: "dir")) var out: String
    @Option(
        help: "CREMA-D: whose word the label is: intended, voice or audiovisual.",
        transform: { try named($0) }
    ) var label = CorpusLayout.Rules.Source.intended
    @Flag(help: "IEMOCAP: count excitement as happiness.") var mergeExcitement = false
    @Flag(help: "Copy the recordings instead of linking them.") var copy = false
    @Flag(
        help: """
            Replace a corpus in --out that this source was not linked into by an earlier import. A folder with other files \
            is refused all the same.
            """
    ) var overwrite = false

    func run() async throws {
        var rules = CorpusLayout.Rules()
        (rules.label, rules.mergesExcitement) = (label, mergeExcitement)
        let result = try CorpusImport.run(
            layout,
            from: URL(filePath: folder),
            to: URL(filePath: out),
            rules: rules,
            copies: copy,
            isOverwriting: overwrite,
            notice: ProgressDisplay.show
        )
        let classes = result.classes.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        try StandardOutput.write(
            "\(out): \(Plain.count(result.clips, "clip")) of \(Plain.count(result.speakers, "speaker")); \(classes.joined(separator: ", ")); "
                + "unlabelled \(result.unlabelled); left out \(result.damaged.count)\n"
        )
        for problem in result.damaged { StandardError.write("left out: \(plainText(problem))\n") }
        for sentence in result.passedOver.sentences { StandardError.write("\(sentence)\n") }
    }
}
