// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation
import Recipes
import SpeechFeatures
import Training

/// Faces from speech: frame by frame where a corpus has that, clip by clip with emotions beside it where it has not.
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
        /// Frames of a training window.
        let windowFrames: Int
        /// How far the speech of the control is shifted.
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
        /// Frames of a sentence; longer ones are cut, shorter ones reflected.
        let length: Int
        let variants: [Variant]
        let fitting: Fitting
    }

    struct Variant: Codable {
        let name: String
        let structure: OrofacialNetwork<Float>.Structure
        /// 0 leaves the emotions out.
        let emotionWeight: Float
        /// 0 leaves the visemes out.
        let visemeWeight: Float
    }

    let system: String
    let recipe: String
    let seed: UInt64
    let network: Network
    let movement: Movement
    let units: Units

    func run(in context: StudyContext) async throws -> [StudyTable] {
        if let problem = movement.fitting.problem ?? units.fitting.problem ?? units.frames.problem {
            throw RecipeError.data(problem: problem)
        }
        guard network.width % 2 == 0 else {
            throw RecipeError.data(problem: "network.width must be even")
        }
        let corpus = try JudgedCorpus(recipe: recipe, in: context)
        return [
            try await MovementByFrame(self, corpus, context).table(),
            try await ClipUnits(self, corpus, context).table(),
        ]
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
