// SPDX-License-Identifier: Apache-2.0
public import FuzzInvariants
import Recipes

/// The recipe of a training run.
public let recipeInputs = [
    HostileInput("recipe", feedRecipe)
]

/// An accepted recipe can be written, and is the same when it is read again.
private func feedRecipe(_ bytes: [UInt8]) throws(BrokenPromise) {
    guard let text = String(validating: bytes, as: UTF8.self),
        let recipe = try? Recipe(yaml: text, file: "recipe.yaml")
    else { return }
    try promise(!recipe.json.isEmpty, "a recipe cannot be written")
    // One in sixteen of the accepted recipes, which are few.
    try plantedBug(when: recipe.json.utf8.reduce(0) { $0 &+ Int($1) } % 16 == 11)
    // JSON is YAML, so the recipe that a run stores can start it again.
    guard let again = try? Recipe(yaml: recipe.json, file: "recipe.json") else {
        throw BrokenPromise(description: "a recipe that was written cannot be read")
    }
    try promise(again.json == recipe.json, "a recipe changes when it is written and read again")
}
