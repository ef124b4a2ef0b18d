// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation
import Recipes

/// Data that a study learns from in addition to the judged corpus of its recipe.
public struct StudySources: Sendable {
    /// Names of the corpora.
    var corpora: [String] = []
    /// Files, relative to the study's.
    var files: [String] = []
    /// Tables of faces, below the corpora.
    var faces: [String] = []
    /// Folder of a finished run whose networks are tested, relative to the study's file.
    var run: String?
}

extension StudyContext {
    /// The current data of `study`.
    func inputs(of study: some Study) throws -> RunInputs {
        let file = self.file(study.recipe)
        let recipe = try Recipe(file: file)
        let sources = study.sources
        var reader = InputReader(data: data, cache: cache)
        let judged = [recipe.evaluation?.corpus].compactMap { $0 }
        try reader.add(corpora: judged + recipe.augmentation.noise.map(\.corpus) + sources.corpora)
        reader.add(file: file, named: study.recipe)
        if let folds = recipe.foldFile(besideRecipe: file) { reader.add(file: folds, named: "folds") }
        for path in sources.files { reader.add(file: self.file(path), named: path) }
        for table in sources.faces { reader.add(faces: table, in: data) }
        for model in sources.run.map(models) ?? [] { reader.add(model: model) }
        reader.save()
        return reader.inputs
    }

    /// The networks of the folds of a finished run.
    private func models(of run: String) -> [String] {
        let folder = file(run)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasPrefix("fold-") }.sorted().map {
            folder.appending(path: "\($0)/model").path
        }
    }
}
