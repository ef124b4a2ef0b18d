// SPDX-License-Identifier: Apache-2.0
import Foundation
import ModelBundle
import Training

/// Progress of a training; a checkpoint holds it with the weights.
struct StageProgress: Codable, Sendable {
    /// The stage of the recipe that is at work.
    let stage: String
    /// Epochs of it that are done.
    let epochsDone: Int
    /// The input normalisation, which later stages keep.
    let inputMean: [Float]
    let inputScale: [Float]
}

extension RunFolder {
    /// Writes a part's checkpoint in place of its last one.
    ///
    /// - Throws: an error that says how to go on where there is no room: the last checkpoint is whole.
    func write(_ checkpoint: Checkpoint<StageProgress>, of part: RunPart) throws(RecipeError) {
        _ = try folder(of: part)
        let path = self.checkpoint(of: part).path
        do {
            try checkpoint.write(to: path)
        } catch {
            let reason = if case .unwritable(_, let reason) = error { reason } else { "\(error)" }
            throw .run(
                path: path,
                problem:
                    "the checkpoint cannot be written: \(reason); what was there before is whole: make room, and the "
                    + "same command goes on from it"
            )
        }
    }
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
