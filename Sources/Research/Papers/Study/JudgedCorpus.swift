// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation
import Recipes
import SpeechFeatures

/// The corpus on which a study is judged, named by a recipe of the trainer: clips, copies, folds.
struct JudgedCorpus {
    let recipe: Recipe
    let folds: FoldList
    let library: CorpusLibrary
    private let bandCount: Int

    init(recipe path: String, in context: StudyContext) throws {
        let file = context.file(path)
        recipe = try Recipe(file: file)
        guard let list = recipe.foldFile(besideRecipe: file) else {
            throw RecipeError.recipe(file: file.path, problem: "a study needs evaluation.folds; add it")
        }
        folds = try FoldList(file: list)
        library = CorpusLibrary(recipe, data: context.data, cache: context.cache, features: context.features)
        bandCount = context.features.spectrum.bandCount
    }

    /// The sentences of `corpus` (default: the judged one).
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

    /// Baselines for every network, on whole clips: log-mel statistics with logistic regression, and the most frequent
    /// class, whose UAR is chance.
    func baselines(_ context: StudyContext) async throws -> [VariantResult] {
        let set = try await library.speech(
            recipe.evaluation?.corpus ?? "",
            isLabelled: true,
            tell: context.tell
        )
        var (regression, majority): ([Judgement], [Judgement]) = ([], [])
        for fold in 0..<folds.foldCount {
            let clips = { (role: FoldList.Role) in set.indices(of: folds.speakers(role, in: fold)) }
            regression.append(
                try await context.folder.result("baseline, fold \(fold)") {
                    Judgement(
                        Baseline.confusion(
                            set,
                            training: clips(.training),
                            development: clips(.development),
                            test: clips(.test),
                            bandCount: bandCount
                        )
                    )
                }
            )
            majority.append(
                Judgement(Baseline.majority(set, training: clips(.training), test: clips(.test)))
            )
        }
        return [
            VariantResult(name: "log-mel statistics, logistic regression", against: nil, folds: regression),
            VariantResult(name: "most frequent class", against: nil, folds: majority),
        ]
    }

    /// The indices of the sentences whose speakers have `role` in `fold`.
    func indices(_ role: FoldList.Role, _ fold: Int, in sentences: Sentences) -> [Int] {
        sentences.clips.indices.filter { folds.role(of: sentences.clips[$0].speaker ?? "", in: fold) == role }
    }
}
