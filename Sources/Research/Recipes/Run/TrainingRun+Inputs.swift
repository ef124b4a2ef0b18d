// SPDX-License-Identifier: Apache-2.0
package import Corpora
import Foundation
import SpeechFeatures

extension Recipe {
    /// The corpora whose speech is heard, each once: for training, calibration, or as the judged one.
    var spokenCorpora: [String] {
        unique(
            stages.flatMap { $0.corpora + $0.companions.corpora } + (readout?.corpora.map(\.name) ?? [])
                + [evaluation?.corpus].compactMap { $0 }
        )
    }

    /// The corpora that decide what is trained, each once.
    var trainingCorpora: [String] {
        let sounds = vocal.map { $0.kinds.flatMap(\.sounds) + $0.others } ?? []
        return unique(spokenCorpora + (silentSelections + sounds).map(\.corpus))
    }

    /// The corpora that only tests look at, each once.
    var testCorpora: [String] {
        let selections = (evaluation?.nonSpeech ?? []) + (evaluation?.noise?.recordings ?? [])
        return unique((evaluation?.others ?? []) + selections.map(\.corpus))
            .filter { !trainingCorpora.contains($0) }
    }

    /// The paths of the fold lists, relative to the recipe.
    var foldPaths: [String] {
        let readouts = (readout?.corpora ?? []).compactMap(\.folds)
        return unique(
            [evaluation?.folds].compactMap { $0 } + (evaluation?.attributes ?? []).map(\.folds) + readouts
        )
    }
}

private func unique(_ names: [String]) -> [String] {
    names.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
}

extension TrainingRun {
    /// Compares what the recipe trains on with what the run was begun with, or records it.
    ///
    /// - Throws: an error that says what has changed, or names a manifest that cannot be read.
    static func claim(
        _ folder: RunFolder,
        for recipe: Recipe,
        in recipeFile: URL,
        cache: FeatureCache,
        sources: (data: DataFolder, tables: URL?, features: FeatureSet),
        _ opening: RunOpening
    ) throws {
        if opening.purpose == .reading { return }
        var reader = InputReader(
            data: sources.data,
            cache: cache,
            allowsAbsent: opening.purpose == .testing
        )
        try reader.add(corpora: recipe.trainingCorpora)
        for path in recipe.foldPaths {
            let place = recipeFile.absoluteURL.deletingLastPathComponent()
            reader.add(file: URL(filePath: path, relativeTo: place).standardizedFileURL, named: path)
        }
        for table in recipe.stages.flatMap({ $0.pretext?.faces ?? [] }).flatMap(\.tables) {
            reader.add(faces: table, in: sources.data)
        }
        if let rooms = recipe.augmentation.variation.measuredRooms {
            for file in rooms.files(in: sources.data) {
                reader.add(file: file, named: "\(rooms.folder)/\(file.lastPathComponent)")
            }
        }
        if let start = recipe.start { reader.add(model: start) }
        reader.add(text: try sources.features.stableText, named: "feature set")
        if let tables = sources.tables { add(tablesOf: recipe, in: tables, to: &reader) }
        reader.save()
        let (absent, hasTables) = (reader.absent, sources.tables != nil)
        try folder.work.claim(reader.inputs, opening) { item in
            switch item.kind {
            case .table: hasTables
            case .clip: !absent.contains { item.name.hasPrefix($0 + "/") }
            case .file: !absent.contains { item.name.hasPrefix($0 + "/") }
            }
        }
    }

    private static func add(tablesOf recipe: Recipe, in tables: URL, to reader: inout InputReader) {
        if let detector = recipe.detector {
            reader.add(table: detector.source, in: tables, corpora: recipe.spokenCorpora)
        }
        for stage in recipe.stages {
            guard let teacher = stage.pretext?.teacher else { continue }
            reader.add(table: teacher.source, in: tables, corpora: stage.corpora + stage.companions.corpora)
        }
    }

    /// Inputs that only the tests use.
    var testedInputs: RunInputs {
        get throws {
            var reader = InputReader(data: data, cache: cache, allowsAbsent: true)
            try reader.add(corpora: recipe.testCorpora)
            reader.save()
            return reader.inputs
        }
    }
}

extension InputReader {
    /// A table of faces: a file below the corpora, or a folder with a manifest.
    package mutating func add(faces table: String, in data: DataFolder) {
        let place = data.url.appending(path: table, directoryHint: .isDirectory).appending(
            path: "manifest.csv"
        )
        let isFolder = FileManager.default.fileExists(atPath: place.path)
        add(file: isFolder ? place : data.url.appending(path: table), named: table)
    }
}

extension FeatureSet {
    /// The definition as a text; equal definitions give equal text.
    fileprivate var stableText: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }
}
