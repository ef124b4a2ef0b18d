// SPDX-License-Identifier: Apache-2.0
public import Corpora
public import Foundation
public import SpeechFeatures

/// A recipe at work on a folder of corpora: prepare, train, evaluate, ship.
///
/// Each verb begins where the last call of it stopped, also after a kill: tables and models that are complete are used
/// as they are, a training goes on from its checkpoint.
public struct TrainingRun: Sendable {
    /// What is done.
    public let recipe: Recipe
    /// Where the results are.
    public let folder: RunFolder
    /// Who is tested when.
    public let folds: FoldList
    let library: CorpusLibrary
    let data: DataFolder
    let features: FeatureSet

    /// Begins or continues a run.
    ///
    /// - Parameters:
    ///   - recipe: what is done.
    ///   - recipeFile: where it was read; the fold list is relative to it.
    ///   - data: the corpora.
    ///   - folder: where results go.
    ///   - cache: where feature tables are kept; `nil` for the run's own folder.
    ///   - features: what frames are made of.
    public init(
        _ recipe: Recipe,
        recipeFile: URL,
        data: DataFolder,
        folder: URL,
        cache: URL? = nil,
        features: FeatureSet = .standard
    ) throws {
        self.recipe = recipe
        self.data = data
        self.features = features
        folds = try FoldList(file: recipe.foldFile(besideRecipe: recipeFile))
        self.folder = try RunFolder(folder, recipe: recipe)
        let cache = try FeatureCache(
            folder: cache ?? folder.appending(path: "cache", directoryHint: .isDirectory)
        )
        library = CorpusLibrary(recipe, data: data, cache: cache, features: features)
    }

    /// Makes the feature tables and says what the corpora hold.
    public func prepare(_ tell: (RunEvent) -> Void) async throws -> [CorpusSummary] {
        var summaries: [CorpusSummary] = []
        for corpus in corpora {
            summaries.append(CorpusSummary(corpus: corpus, set: try await emotional(corpus, tell)))
        }
        _ = try await library.nonSpeech(recipe.augmentation.noise, tell: tell)
        return summaries
    }

    /// Whether the run has been evaluated.
    public var isEvaluated: Bool { folder.hasFigures }

    /// The corpora of all stages, each once, in the order of the recipe.
    public var corpora: [String] {
        recipe.stages.flatMap(\.corpora).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    /// The parts that must be trained before evaluation and release.
    public var parts: [RunPart] {
        (sharedStages.isEmpty ? [] : [.shared]) + (0..<folds.foldCount).map(RunPart.fold) + [.release]
    }

    /// The stages before the judged corpus.
    var sharedStages: ArraySlice<Recipe.Stage> {
        recipe.stages.prefix { !$0.corpora.contains(recipe.evaluation.corpus) }
    }

    /// The clips of a corpus that name an emotion.
    func emotional(_ corpus: String, _ tell: (RunEvent) -> Void) async throws -> ClipSet {
        try await speech(corpus, isLabelled: true, tell)
    }

    func speech(_ corpus: String, isLabelled: Bool, _ tell: (RunEvent) -> Void) async throws -> ClipSet {
        let set = try await library.speech(corpus, isLabelled: isLabelled, tell: tell)
        if corpus == recipe.evaluation.corpus { try checkSpeakers(of: set) }
        return set
    }

    /// Every speaker of the judged corpus must have a place in the folds, or training could meet a test speaker.
    private func checkSpeakers(of set: ClipSet) throws(RecipeError) {
        for clip in set.clips where folds.role(of: clip.speaker ?? "", in: 0) == nil {
            throw .data(
                problem: "the fold list does not know the speaker '\(clip.speaker ?? "")' of \(clip.name)"
            )
        }
        for speaker in recipe.release.development where set.indices(of: [speaker]).isEmpty {
            throw .data(
                problem: "release.development names '\(speaker)', who is not in \(recipe.evaluation.corpus)"
            )
        }
    }

    /// The speakers of the judged corpus that a part trains on and calibrates on.
    func speakers(of part: RunPart) -> (training: [String], development: [String]) {
        switch part {
        case .shared:
            return ([], [])
        case .fold(let fold):
            return (folds.speakers(.training, in: fold), folds.speakers(.development, in: fold))
        case .release:
            let all = FoldList.Role.allCases.flatMap { folds.speakers($0, in: 0) }
            return (
                all.filter { !recipe.release.development.contains($0) }.sorted(), recipe.release.development
            )
        }
    }
}
