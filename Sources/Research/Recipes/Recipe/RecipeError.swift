// SPDX-License-Identifier: Apache-2.0

/// Errors of a recipe or a run.
///
/// Each case is one sentence that names the file and the remedy.
public enum RecipeError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The recipe is missing or not as it must be.
    case recipe(file: String, problem: String)
    /// The run's folder cannot be used.
    case run(path: String, problem: String)
    /// Another process works in the run's folder; 0 where its number is not known.
    case locked(path: String, process: Int)
    /// The corpora do not fit the recipe.
    case data(problem: String)

    /// One clear sentence.
    public var description: String {
        switch self {
        case .recipe(let file, let problem): "\(file): \(problem)"
        case .run(let path, let problem): "the run in \(path): \(problem)"
        case .locked(let path, let process):
            "the run in \(path): \(process > 0 ? "process \(process)" : "another process") works in it; wait until it has "
                + "ended, or name another folder with --run"
        case .data(let problem): problem
        }
    }
}
