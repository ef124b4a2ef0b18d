// SPDX-License-Identifier: Apache-2.0

/// What can be wrong with a recipe or a run.
///
/// Each case is one sentence that names the file and the remedy.
public enum RecipeError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The recipe is missing or not as it must be.
    case recipe(file: String, problem: String)
    /// The run's folder cannot be used.
    case run(path: String, problem: String)
    /// The corpora do not fit the recipe.
    case data(problem: String)

    /// One clear sentence.
    public var description: String {
        switch self {
        case .recipe(let file, let problem): "\(file): \(problem)"
        case .run(let path, let problem): "the run in \(path): \(problem)"
        case .data(let problem): problem
        }
    }
}
