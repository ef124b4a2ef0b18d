// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation
import Recipes
import SpeechFeatures

/// The corpus that a study judges by, as a recipe of the trainer names it: clips, copies, folds.
struct JudgedCorpus {
    let recipe: Recipe
    let folds: FoldList
    let library: CorpusLibrary
    private let bandCount: Int

    init(recipe path: String, in context: StudyContext) throws {
        let file = context.file(path)
        recipe = try Recipe(file: file)
        guard let list = recipe.foldFile(besideRecipe: file) else {
            throw RecipeError.recipe(file: file.path, problem: "a study needs its evaluation.folds")
        }
        folds = try FoldList(file: list)
        library = CorpusLibrary(recipe, data: context.data, cache: context.cache, features: context.features)
        bandCount = context.features.spectrum.bandCount
    }

    /// The sentences of `corpus`, the judged one unless named.
    func sentences(
        of corpus: String? = nil,
        isLabelled: Bool = true,
        _ kind: SentenceFrames,
        _ context: StudyContext
    ) async throws -> Sentences {
        let name = corpus ?? recipe.evaluation?.corpus ?? ""
        let set = try await library.speech(name, isLabelled: isLabelled, tell: context.tell)
        return Sentences(set, kind, bandCount: bandCount)
    }

    /// The places of the sentences whose speakers have `role` in `fold`.
    func indices(_ role: FoldList.Role, _ fold: Int, in sentences: Sentences) -> [Int] {
        sentences.clips.indices.filter { folds.role(of: sentences.clips[$0].speaker ?? "", in: fold) == role }
    }
}
