// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation
import Recipes
import SpeechFeatures
import Training

/// Estimates faces from speech: frame by frame if the corpus has face series, otherwise clip by clip, with emotions.
/// `configs/papers/orofacial.yaml`.
struct OrofacialStudy: Study {
    struct Network: Codable {
        let width: Int
        let dropout: Double
    }

    /// Regression frame by frame.
    struct Movement: Codable {
        /// A corpus whose manifest names face series; one speaker suffices.
        let corpus: String
        /// Corpus of other speakers, used for testing only.
        let unseenCorpus: String
        /// Frame rate to which both are resampled.
        let framesPerSecond: Double
        /// Number of frames in a training window.
        let windowFrames: Int
        /// Shift of the control's speech, in seconds.
        let controlSeconds: Double
        let fitting: Fitting
    }

    /// Regression of clip-level action units, with emotions.
    struct Units: Codable {
        /// A table of the judged corpus's faces.
        let table: String
        let frames: SentenceFrames
        /// The mouth shapes of the corpus's sentences, relative to the study.
        let visemes: String
        /// Number of frames of a sentence; longer ones are cut, shorter ones reflected.
        let length: Int
        let variants: [Variant]
        let fitting: Fitting
    }

    struct Variant: Codable {
        let name: String
        let structure: OrofacialNetwork<Float>.Structure
        /// Weight of the emotion loss; 0 disables it.
        let emotionWeight: Float
        /// Weight of the viseme loss; 0 disables it.
        let visemeWeight: Float
    }

    let system: String
    let recipe: String
    let seed: UInt64
    let network: Network
    let movement: Movement
    let units: Units

    var sources: StudySources {
        StudySources(
            corpora: [movement.corpus, movement.unseenCorpus],
            files: [units.visemes],
            faces: [units.table]
        )
    }

    func run(in context: StudyContext) async throws -> [StudyTable] {
        if let problem = problem(hopsPerSecond: context.hopsPerSecond) {
            throw RecipeError.data(problem: problem)
        }
        let corpus = try JudgedCorpus(recipe: recipe, in: context)
        let movement = try await MovementByFrame(self, corpus, context).tables()
        return movement + [try await ClipUnits(self, corpus, context).table()]
    }

    private func problem(hopsPerSecond: Double) -> String? {
        if let problem = movement.fitting.problem ?? units.fitting.problem ?? units.frames.problem {
            return problem
        }
        if network.width < 2 || network.width % 2 != 0 {
            return "network.width must be even and above 0, because two directions share it"
        }
        if !(1...hopsPerSecond).contains(movement.framesPerSecond) {
            return "movement.framesPerSecond must be 1 to the features' hop rate, \(hopsPerSecond)"
        }
        if !(0.1...3600).contains(movement.controlSeconds) {
            return "movement.controlSeconds must be 0.1 to 3600"
        }
        if !(1...100_000).contains(movement.windowFrames) || !(1...100_000).contains(units.length) {
            return "movement.windowFrames and units.length must be 1 to 100000"
        }
        return nil
    }

    func shape(
        _ structure: OrofacialNetwork<Float>.Structure,
        inputs: Int,
        movements: Int
    ) -> OrofacialNetwork<Float>.Shape {
        OrofacialNetwork<Float>.Shape(
            structure,
            inputs: inputs,
            width: network.width,
            movements: movements,
            visemes: VisemeTable.count,
            emotions: Emotion.allCases.count,
            dropout: network.dropout
        )
    }
}
