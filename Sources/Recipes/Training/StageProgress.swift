// SPDX-License-Identifier: Apache-2.0
import Foundation
import ModelBundle
import Training

/// Where a training stands; a checkpoint holds it beside the weights.
struct StageProgress: Codable, Sendable {
    /// The stage of the recipe that is at work.
    let stage: String
    /// Epochs of it that are done.
    let epochsDone: Int
    /// The input normalisation, which later stages keep.
    let inputMean: [Float]
    let inputScale: [Float]
}

extension Checkpoint<StageProgress> {
    /// The checkpoint in `folder`, or `nil` if there is none.
    ///
    /// - Throws: an error that names the folder if it is damaged; beginning again instead would hide that.
    static func existing(in folder: URL) throws(RecipeError) -> Checkpoint? {
        guard FileManager.default.fileExists(atPath: folder.path) else { return nil }
        do {
            return try Checkpoint(path: folder.path)
        } catch {
            throw .run(
                path: folder.path,
                problem: "the checkpoint is damaged (\(error)); remove it to start this part again"
            )
        }
    }
}
