// SPDX-License-Identifier: Apache-2.0
public import Corpora
public import Foundation
public import SpeechFeatures

/// The corpora of a recipe as feature tables, made once and kept in the cache.
public struct CorpusLibrary: Sendable {
    private let recipe: Recipe
    private let data: DataFolder
    private let cache: FeatureCache
    private let features: FeatureSet
    private let tables: URL?
    /// The names of clips that are left out.
    private var skipped: Set<String> = []

    /// - Parameters:
    ///   - recipe: names the corpora and how they vary.
    ///   - data: where the corpora are.
    ///   - cache: where tables are kept.
    ///   - features: what frames are made of.
    ///   - tables: the folder of teacher tables; nil where the recipe needs none.
    public init(
        _ recipe: Recipe,
        data: DataFolder,
        cache: FeatureCache,
        features: FeatureSet,
        tables: URL? = nil
    ) {
        (self.recipe, self.data, self.cache, self.features) = (recipe, data, cache, features)
        self.tables = tables
    }

    /// The same without some damaged clips.
    func skipping(_ clips: [DamagedClip]) -> CorpusLibrary {
        var library = self
        library.skipped = Set(clips.map(\.name))
        return library
    }

    /// The clips of `corpus` that teach emotions, with all copies.
    public func emotionalClips(of corpus: String) throws(CorporaError) -> [Clip] {
        try manifest(of: corpus).emotionalClips().filter(isKept)
    }

    /// The manifest of `corpus`, its words read as the recipe says.
    private func manifest(of corpus: String) throws(CorporaError) -> Manifest {
        try data.manifest(of: corpus).reading(recipe.levels ?? [])
    }

    /// The recordings that `selections` name.
    func clips(_ selections: [Recipe.Selection]) throws(CorporaError) -> [Clip] {
        var clips: [Clip] = []
        for selection in selections {
            let manifest = try data.manifest(of: selection.corpus)
            for group in selection.groups where !manifest.clips.contains(where: { $0.belongs(to: [group]) }) {
                throw .malformed(
                    file: manifest.file,
                    line: 1,
                    problem: "no clip belongs to the group '\(group)'"
                )
            }
            clips += manifest.clips.filter { clip in
                (selection.groups.isEmpty || clip.belongs(to: selection.groups))
                    && (selection.part.map { $0 == clip.recordingPart } ?? true)
            }
        }
        return clips.filter(isKept)
    }

    private func isKept(_ clip: Clip) -> Bool {
        !skipped.contains(clip.name)
            && !(recipe.except ?? []).contains { $0.corpus == clip.corpus && clip.belongs(to: $0.groups) }
    }

    /// The tables of a corpus of speech: the clean one and the recipe's copies.
    ///
    /// - Parameters:
    ///   - isLabelled: only the clips that name an emotion, or a value of one of `attributes`; else all.
    package func speech(
        _ corpus: String,
        isLabelled: Bool,
        attributes: Set<Attribute> = [],
        tell: (RunEvent) -> Void
    ) async throws(CorporaError) -> ClipSet {
        let manifest = try manifest(of: corpus)
        let clips = try (isLabelled ? manifest.clips(teaching: attributes) : manifest.clips).filter(isKept)
        return try await set(
            of: clips,
            named: corpus,
            marker: recipe.speech,
            copies: recipe.augmentation.copies,
            tell
        )
    }

    /// The clean table of recordings without speech.
    func nonSpeech(_ selections: [Recipe.Selection], tell: (RunEvent) -> Void) async throws(CorporaError)
        -> ClipSet
    {
        let name = selections.map(\.corpus).joined(separator: "+")
        return try await set(of: clips(selections), named: name, marker: nil, copies: 0, tell)
    }

    private func set(
        of clips: [Clip],
        named name: String,
        marker: SpeechMarker?,
        copies: Int,
        _ tell: (RunEvent) -> Void
    ) async throws(CorporaError) -> ClipSet {
        let noises = copies == 0 ? [] : try self.clips(recipe.augmentation.noise)
        let detector = marker == nil ? nil : recipe.detector
        var (bank, rooms): (NoiseBank?, RoomBank?)
        var speech: TeacherTable?
        var tables: [FeatureTable] = []
        let contents = contents(of: clips, noises: noises, copies: copies, detector)
        for copy in 0...copies {
            let content = copy == 0 ? contents.clean : contents.copies
            let variation = FeatureJob.Variation(
                copy: copy,
                seed: recipe.seed,
                augmentation: recipe.augmentation.variation,
                noises: noises
            )
            let job = FeatureJob(
                features: features,
                clips: clips,
                marker: marker,
                detector: detector?.marker,
                variation: copy == 0 ? nil : variation
            )
            let notice = { tell(.notice(sentence: $0)) }
            if let table = try cache.existing(job, content: content, notice: notice) {
                tables.append(table)
                continue
            }
            if copy > 0, bank == nil, !noises.isEmpty { bank = try noiseBank(noises) }
            if copy > 0, rooms == nil { rooms = try roomBank }
            if let detector, speech == nil { speech = try table(detector.source, for: clips) }
            let sources = copy == 0 ? (nil, nil) : (rooms, bank)
            tables.append(
                try await cache.table(
                    for: job,
                    clips: clips,
                    content: content,
                    rooms: sources.0,
                    noise: sources.1,
                    speech: speech
                ) { done in
                    tell(.preparing(corpus: name, copy: copy, done: done, of: clips.count))
                }
            )
        }
        return ClipSet(clips: clips, tables: tables)
    }

    /// Jobs that make the tables of `clips`: the clean one, and the copies.
    private func contents(of clips: [Clip], noises: [Clip], copies: Int, _ detector: Recipe.Detector?) -> (
        clean: FeatureContent, copies: FeatureContent
    ) {
        let corpora = Set(clips.map(\.corpus)).sorted()
        let speech = tables.flatMap { detector?.source.files(in: $0, corpora: corpora) } ?? []
        let clean = cache.content(of: clips, detector: speech)
        let rooms = recipe.augmentation.variation.measuredRooms?.files(in: data) ?? []
        guard copies > 0, !noises.isEmpty || !rooms.isEmpty else { return (clean, clean) }
        return (clean, cache.content(of: clips, noises: noises, rooms: rooms, detector: speech))
    }

    /// True if the recipe can use a table of `job`: one of its corpora and copies, made with its settings.
    func uses(_ job: FeatureJob) -> Bool {
        let corpora = Set(recipe.trainingCorpora + recipe.testCorpora)
        let isClean = job.copy == 0
        let isVaried =
            job.copy <= recipe.augmentation.copies && job.seed == recipe.seed
            && job.augmentation == recipe.augmentation.variation
        return job.features == features && (isClean || isVaried)
            && (job.marker == nil || job.marker == recipe.speech && job.detector == recipe.detector?.marker)
            && job.clips.allSatisfy { name in corpora.contains(String(name.prefix { $0 != "/" })) }
    }

    /// The teacher table of `source`, which must hold every one of `clips`.
    func table(_ source: Recipe.TableSource, for clips: [Clip]) throws(CorporaError) -> TeacherTable {
        let corpora = Set(clips.map(\.corpus)).sorted()
        do {
            let table = try source.open(in: tables, corpora: corpora)
            try table.check(clips)
            return table
        } catch let error as CorporaError {
            throw error
        } catch {
            throw .audio(description: String(describing: error))
        }
    }

    private var roomBank: RoomBank? {
        get throws(CorporaError) {
            guard let rooms = recipe.augmentation.variation.measuredRooms else { return nil }
            return try RoomBank(rooms, data: data, sampleRate: features.spectrum.sampleRate)
        }
    }

    func noiseBank(_ clips: [Clip]) throws(CorporaError) -> NoiseBank {
        var recordings: [[Float]] = []
        for clip in clips {
            recordings.append(try ClipAudio.samples(of: clip, sampleRate: features.spectrum.sampleRate))
        }
        return NoiseBank(recordings)
    }
}

extension Clip {
    /// The part of its corpus that a recording without a speaker belongs to: pieces of one recording share it.
    fileprivate var recordingPart: Recipe.Selection.Part {
        let stem = path.prefix { $0 != "." }
        let piece = stem.reversed().prefix { $0.isNumber }.count
        var random = SplitMix64(seed: 0, name: String(stem.dropLast(piece)))
        return random.next() % 5 == 0 ? .test : .train
    }

    /// True if the manifest's label or sentence is one of `groups`.
    fileprivate func belongs(to groups: [String]) -> Bool {
        [word, sentence].contains { $0.map(groups.contains) ?? false }
    }
}
