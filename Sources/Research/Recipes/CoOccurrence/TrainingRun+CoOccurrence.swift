// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation

extension TrainingRun {
    /// Listeners' answers, for a stage that trains on them: the votes in the folder that the recipe names, or those of the
    /// training clips themselves. Votes on clips that are held out, of test speakers say, are never counted.
    func labels(of stage: Recipe.Stage, _ own: [(set: ClipSet, clips: [Int])]) throws -> EmotionLabels? {
        guard let settings = stage.coOccurrence else { return nil }
        let votes: ListenerVotes
        if let folder = settings.votes {
            let heldOut = own.flatMap { part in
                Set(part.set.clips.indices).subtracting(part.clips).map { part.set.clips[$0] }
            }
            votes = try ListenerVotes(folder: data.url.appending(path: folder, directoryHint: .isDirectory))
                .leavingOut(heldOut)
        } else {
            votes = ListenerVotes(of: own.flatMap { part in part.clips.map { part.set.clips[$0] } })
        }
        guard !votes.ratings.isEmpty else {
            throw RecipeError.data(
                problem:
                    "stage '\(stage.name)': no training clip has votes; name the folder of a rated corpus in "
                    + "coOccurrence.votes"
            )
        }
        return EmotionLabels(settings, votes: votes)
    }

    /// Says how many of the stage's clips came by their label in which way.
    func report(
        _ labels: EmotionLabels,
        of part: RunPart,
        in stage: Recipe.Stage,
        clips: [(set: ClipSet, clips: [Int])],
        _ tell: (RunEvent) -> Void
    ) {
        let labelled = clips.flatMap { part in part.clips.map { part.set.clips[$0] } }.filter {
            $0.emotion != nil
        }
        let sources = labelled.reduce(into: [:]) { $0[labels.source(of: $1).rawValue, default: 0] += 1 }
        report(.labels(part: part.description, stage: stage.name, sources: sources), of: part, tell)
    }
}
