// SPDX-License-Identifier: Apache-2.0
import Corpora
import EmotionEncoder
public import Foundation
import NeuralLayers

extension Recipe {
    /// Reads and checks the recipe in `file`.
    ///
    /// - Throws: an error that names the file and the key: one that is missing, unknown (with the nearest known one),
    ///   of the wrong kind or out of range.
    public init(file: URL) throws(RecipeError) {
        let text: String
        do {
            text = try String(contentsOf: file, encoding: .utf8)
        } catch {
            throw .recipe(file: file.path, problem: "it cannot be read: \(reason(error))")
        }
        try self.init(yaml: text, file: file.path)
    }

    /// Reads and checks a recipe from its text; errors name it `file`.
    package init(yaml text: String, file: String) throws(RecipeError) {
        self = try StrictYAML.decode(Recipe.self, from: text, file: file)
        if let problem { throw .recipe(file: file, problem: problem) }
    }

    /// The fold list's place for a recipe in `file`, if anybody is tested.
    public func foldFile(besideRecipe file: URL) -> URL? {
        evaluation.map {
            URL(filePath: $0.folds, relativeTo: file.absoluteURL.deletingLastPathComponent())
                .standardizedFileURL
        }
    }

    /// The recipe as the text that a run keeps beside its results; equal recipes give equal text.
    public var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    private var problem: String? {
        if name.isEmpty || name.contains("/") { return "name must be a word without '/'" }
        if stages.isEmpty, readout == nil {
            return "stages must hold at least one stage, or there must be a readout"
        }
        if Set(stages.map(\.name)).count != stages.count { return "two stages have the same name" }
        if !(0...64).contains(augmentation.copies) { return "augmentation.copies must be 0 to 64" }
        if !(0...1).contains(augmentation.cleanShare) { return "augmentation.cleanShare must be 0 to 1" }
        do {
            try network.architecture(inputCount: 1).validate()
        } catch {
            return "network: \(error)"
        }
        if network.forgetting != 1 {
            return "network.forgetting: training pools without forgetting; it must be 1"
        }
        if let problem = speech.problem { return "speech.\(problem)" }
        if let problem = augmentation.variation.problem { return "augmentation.variation.\(problem)" }
        if let problem = attributeProblem { return problem }
        if let problem = readout?.problem { return "readout.\(problem)" }
        if let problem = vocal?.problem { return "vocal.\(problem)" }
        if vocal != nil, readout == nil || network.pooling != .statistics {
            return "vocal: it needs a readout and the pooling statistics"
        }
        if let problem = evaluationProblem { return problem }
        return stages.lazy.compactMap { stage in stage.problem.map { "stage '\(stage.name)': \($0)" } }.first
    }
}

extension Recipe {
    private var evaluationProblem: String? {
        guard let evaluation else { return nil }
        if let problem = (evaluation.voices ?? []).lazy.compactMap(\.problem).first {
            return "evaluation.voices: \(problem)"
        }
        let heard = stages.flatMap { $0.corpora + $0.companions.corpora }
        if let readout { return problem(readout, evaluation, heard) }
        guard let last = stages.last, last.loss.emotionWeight > 0 else {
            return "the last stage must teach emotions: its loss.emotionWeight must be above 0"
        }
        guard last.corpora.contains(evaluation.corpus) else {
            return "the last stage must train on the judged corpus '\(evaluation.corpus)'"
        }
        if evaluation.leftOut != nil {
            return "evaluation.leftOut: only a recipe with a readout leaves corpora out"
        }
        return (evaluation.others ?? []).first(where: heard.contains).map {
            "evaluation.others: training hears '\($0)'"
        }
    }

    /// A frozen encoder serves all folds, so no stage may train on a corpus whose speakers are tested.
    private func problem(_ readout: Readout, _ evaluation: Evaluation, _ heard: [String]) -> String? {
        let names = readout.corpora.map(\.name)
        let judged = readout.corpora.filter { $0.folds != nil }.map(\.name) + (evaluation.leftOut ?? [])
        if let corpus = judged.first(where: heard.contains) {
            return
                "a stage trains on '\(corpus)', which is judged: leave it out of the stages or give it no folds"
        }
        if !names.contains(evaluation.corpus) {
            return "readout.corpora must hold the judged corpus '\(evaluation.corpus)'"
        }
        if let corpus = (evaluation.leftOut ?? []).first(where: { !names.contains($0) }) {
            return "evaluation.leftOut: '\(corpus)' is not among readout.corpora"
        }
        return (evaluation.others ?? []).first { (heard + names).contains($0) }.map {
            "evaluation.others: training hears '\($0)'"
        }
    }
}
