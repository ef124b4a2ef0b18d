// SPDX-License-Identifier: Apache-2.0
public import Corpora
public import Foundation
public import MessagePassing
public import SpeechFeatures

/// A recipe at work on a folder of corpora: prepare, train, evaluate, ship.
///
/// Each verb begins where the last call of it stopped, also after a kill: tables and models that are complete are used
/// as they are, a training goes on from its checkpoint.
public struct TrainingRun: Sendable {
    /// The recipe of the run.
    public let recipe: Recipe
    /// Folder of the results.
    public let folder: RunFolder
    /// Test speakers by fold; `nil` if the recipe has no evaluation.
    public let folds: FoldList?
    /// Test speakers by fold of the other corpora whose attributes are tested.
    let attributeFolds: [String: FoldList]
    /// Fold lists of the corpora of a read-out, by name.
    let readoutFolds: [String: FoldList]
    var library: CorpusLibrary
    let data: DataFolder
    let cache: FeatureCache
    let features: FeatureSet
    let group: ProcessGroup
    private let checked = CheckedCorpora()

    /// Begins or continues a run.
    ///
    /// - Parameters:
    ///   - recipe: what is done.
    ///   - recipeFile: where it was read; the fold list is relative to it.
    ///   - data: the corpora.
    ///   - folder: where results go.
    ///   - cache: where feature tables are kept; `nil` for the run's own folder.
    ///   - tables: the folder of teacher tables; nil where the recipe needs none.
    ///   - features: the definition of the frames; `nil` for that of the model that the recipe begins with, or else
    ///     the standard one.
    ///   - group: the processes that train together; the first opens the folder for all.
    ///   - opening: what is done with the run, and what may be removed from its folder.
    /// - Throws: an error if the folder holds something else, was begun with another recipe or other data, or another
    ///   process works in it.
    public init(
        _ recipe: Recipe,
        recipeFile: URL,
        data: DataFolder,
        folder: URL,
        cache: URL? = nil,
        tables: URL? = nil,
        features: FeatureSet? = nil,
        group: ProcessGroup = .alone,
        opening: RunOpening = RunOpening()
    ) throws {
        self.recipe = recipe
        self.data = data
        let features = try features ?? recipe.startFeatures ?? .standard
        self.features = features
        self.group = group
        folds = try recipe.foldFile(besideRecipe: recipeFile).map { try FoldList(file: $0) }
        attributeFolds = try recipe.attributeFolds(besideRecipe: recipeFile)
        readoutFolds = try recipe.readoutFolds(besideRecipe: recipeFile)
        if !group.isFirst { try group.wait() }
        let opening = group.isFirst ? opening : RunOpening(.reading)
        self.folder = try RunFolder(folder, recipe: recipe, opening)
        self.cache = try FeatureCache(
            folder: cache ?? folder.appending(path: "cache", directoryHint: .isDirectory)
        )
        try Self.claim(
            self.folder,
            for: recipe,
            in: recipeFile,
            cache: self.cache,
            sources: (data, tables, features),
            opening
        )
        if group.isFirst { try group.wait() }
        library = CorpusLibrary(recipe, data: data, cache: self.cache, features: features, tables: tables)
            .skipping(try self.folder.skippedClips)
        try checkFoldCounts()
    }

    /// Makes the feature tables and says what the corpora hold.
    public func prepare(_ tell: (RunEvent) -> Void) async throws -> [CorpusSummary] {
        var (summaries, found): ([CorpusSummary], [CorpusFaults]) = ([], [])
        let skipped = try folder.skippedClips
        for corpus in corpora {
            let isRead = recipe.readout?.corpora.contains { $0.name == corpus && $0.label != nil } ?? false
            let isLabelled =
                !isRead && recipe.stages.allSatisfy { !$0.corpora.contains(corpus) || $0.pretext == nil }
            let set = try await speech(corpus, isLabelled: isLabelled, attributes: recipe.attributes, tell)
            let health = await ClipHealth(of: set.clips, sampleRate: features.spectrum.sampleRate)
            let faults = faults(of: corpus, set, tell)
            summaries.append(CorpusSummary(set: set, health: health, faults: faults, skipped: skipped))
            found.append(faults)
        }
        tellContradictions(between: found, tell)
        _ = try await library.nonSpeech(recipe.silentSelections, tell: tell)
        return summaries
    }

    /// Size of the run's cache of feature tables.
    public var cacheSize: FeatureCache.Size { cache.size }

    /// Folder of the run's cache of feature tables.
    public var cacheFolder: URL { cache.folder }

    /// Removes the feature tables that this version cannot read or that the recipe does not use; returns their size.
    public func cleanCache() -> FeatureCache.Size { cache.removeTables(unless: library.uses) }

    /// True if the run has been evaluated on the current data.
    public var isEvaluated: Bool { (try? folder.hasFigures(of: testedInputs)) ?? false }

    /// The corpora of all stages, each once, in the order of the recipe.
    public var corpora: [String] {
        (recipe.stages.flatMap(\.corpora) + (recipe.readout?.corpora.map(\.name) ?? [])).reduce(into: []) {
            if !$0.contains($1) { $0.append($1) }
        }
    }

    /// The parts that must be trained before evaluation and release.
    public var parts: [RunPart] {
        (sharedStages.isEmpty ? [] : [.shared]) + (0..<foldCount).map(RunPart.fold)
            + (recipe.evaluation?.leftOut ?? []).map(RunPart.without) + [.release]
    }

    /// The folds that are tested.
    public var foldCount: Int { folds?.foldCount ?? 0 }

    /// The stages before the judged corpus, which all parts share; none without a judged corpus.
    var sharedStages: ArraySlice<Recipe.Stage> {
        if recipe.readout != nil { return recipe.stages[...] }
        guard let judged = recipe.evaluation?.corpus else { return [] }
        return recipe.stages.prefix { !$0.corpora.contains(judged) }
    }

    /// The corpus whose speakers calibrate and are left out: the judged one, or the one that the last stage begins with.
    var speakersCorpus: String? {
        recipe.evaluation?.corpus ?? recipe.readout?.corpora.first?.name
            ?? recipe.stages.last.flatMap { $0.loss.emotionWeight > 0 ? $0.corpora.first : nil }
    }

    /// The clips of a corpus that name an emotion.
    func emotional(_ corpus: String, _ tell: (RunEvent) -> Void) async throws -> ClipSet {
        try await speech(corpus, isLabelled: true, tell)
    }

    func speech(
        _ corpus: String,
        isLabelled: Bool,
        attributes: [Attribute] = [],
        _ tell: (RunEvent) -> Void
    ) async throws -> ClipSet {
        let set = try await library.speech(
            corpus,
            isLabelled: isLabelled,
            attributes: Set(attributes),
            tell: tell
        )
        _ = faults(of: corpus, set, tell)
        if corpus == speakersCorpus {
            try checkSpeakers(of: set)
            try folds?.check(against: data.manifest(of: corpus))
        }
        for folds in [attributeFolds[corpus], readoutFolds[corpus]].compactMap({ $0 }) {
            try check(folds, know: set)
            try folds.check(against: data.manifest(of: corpus))
        }
        return set
    }

    /// Faults that make clips of a corpus useless for training; reported once.
    func faults(of corpus: String, _ set: ClipSet, _ tell: (RunEvent) -> Void) -> CorpusFaults {
        let pace = Double(features.spectrum.sampleRate) / Double(features.spectrum.hopSamples)
        return checked.faults(of: corpus, set, framesPerSecond: pace, tell)
    }

    /// Tells of clips that sound alike and have two labels in two corpora of one training.
    func tellContradictions(between faults: [CorpusFaults], _ tell: (RunEvent) -> Void) {
        checked.tellContradictions(between: faults, tell)
    }

    /// Every speaker of the judged corpus must have a place in the folds, or training could meet a test speaker.
    private func checkSpeakers(of set: ClipSet) throws(RecipeError) {
        if let folds { try check(folds, know: set) }
        for speaker in recipe.release.development where set.indices(of: [speaker]).isEmpty {
            throw .data(
                problem: "release.development names '\(speaker)', who is not in \(speakersCorpus ?? "")"
            )
        }
    }

    /// A model of fold 1 is tested on the speakers of fold 1 of each list.
    private func checkFoldCounts() throws(RecipeError) {
        let other = attributeFolds.first { $1.foldCount != foldCount }
        guard let (corpus, list) = other else { return }
        throw .data(
            problem:
                "the fold list of \(corpus) has \(list.foldCount) folds, that of the judged corpus \(foldCount)"
        )
    }

    private func check(_ folds: FoldList, know set: ClipSet) throws(RecipeError) {
        guard let clip = set.clips.first(where: { folds.role(of: $0.speaker ?? "", in: 0) == nil }) else {
            return
        }
        throw .data(
            problem: "the fold list does not know the speaker '\(clip.speaker ?? "")' of \(clip.name)"
        )
    }

    /// The speakers of the judged corpus on whom a part calibrates.
    func developmentSpeakers(of part: RunPart) -> [String] {
        switch part {
        case .shared: []
        case .fold(let fold): folds?.speakers(.development, in: fold) ?? []
        case .release, .without: recipe.release.development
        }
    }

    /// The clips of a corpus that a part trains on: none of the test and development speakers where it is judged.
    func trainingClips(of part: RunPart, in set: ClipSet, _ corpus: String) -> [Int] {
        if case .fold(let fold) = part, let folds = attributeFolds[corpus] {
            return set.indices(of: folds.speakers(.training, in: fold))
        }
        guard corpus == speakersCorpus else { return Array(set.clips.indices) }
        return switch part {
        case .shared: []
        case .fold(let fold): set.indices(of: folds?.speakers(.training, in: fold) ?? [])
        case .release, .without:
            set.clips.indices.filter { !recipe.release.development.contains(set.clips[$0].speaker ?? "") }
        }
    }
}
