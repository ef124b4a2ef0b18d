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
        guard let last = stages.last, last.emotionWeight > 0 else {
            return "the last stage must teach emotions: its emotionWeight must be above 0"
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

extension Recipe.Stage {
    fileprivate var problem: String? {
        if corpora.isEmpty { return "corpora must name at least one" }
        if !(1...10_000).contains(epochs) { return "epochs must be 1 to 10000" }
        if !(1...1024).contains(batchClips) { return "batchClips must be 1 to 1024" }
        if !(learningRate > 0 && learningRate <= 1) { return "learningRate must be above 0 and at most 1" }
        if warmUpSteps < 0 { return "warmUpSteps must not be negative" }
        if !(weightDecay >= 0 && weightDecay < 1) { return "weightDecay must be 0 or more and below 1" }
        if !(gradientNorm > 0 && gradientNorm.isFinite) { return "gradientNorm must be positive" }
        if !(dropout >= 0 && dropout < 1) { return "dropout must be 0 or more and below 1" }
        if !(labelSmoothing >= 0 && labelSmoothing < 1) {
            return "labelSmoothing must be 0 or more and below 1"
        }
        if ![emotionWeight, speechWeight, prefixWeight].allSatisfy({ (0...1000).contains($0) }) {
            return "emotionWeight, speechWeight and prefixWeight must be 0 to 1000"
        }
        if emotionWeight == 0, pretext == nil { return "it teaches nothing: no emotion and no pretext task" }
        if let problem = frames?.problem { return "frames.\(problem)" }
        if let problem = pretext?.problem { return "pretext.\(problem)" }
        let heard = coOccurrence?.problem(labelSmoothing: labelSmoothing, emotionWeight: emotionWeight)
        if let heard { return "coOccurrence.\(heard)" }
        if let problem = attributes?.problem { return "attributes.\(problem)" }
        if !(0...1024).contains(nonSpeechClips) { return "nonSpeechClips must be 0 to 1024" }
        if !(averageDecay >= 0 && averageDecay < 1) { return "averageDecay must be 0 or more and below 1" }
        if !(squareDecay >= 0 && squareDecay < 1) { return "squareDecay must be 0 or more and below 1" }
        if !(classBalance >= 0 && classBalance <= 1) { return "classBalance must be 0 to 1" }
        if !(0...1000).contains(companions.share) || !(0...1000).contains(companions.weight) {
            return "companions.share and companions.weight must be 0 to 1000"
        }
        if !(0...1).contains(crop.wholeShare) { return "crop.wholeShare must be 0 to 1" }
        if crop.marginFrames.count != 2 || crop.marginFrames[0] < 0
            || crop.marginFrames[0] > crop.marginFrames[1]
        {
            return "crop.marginFrames must be two numbers, fewest and most"
        }
        if !(50...100_000).contains(crop.longestFrames) { return "crop.longestFrames must be 50 to 100000" }
        return nil
    }
}
