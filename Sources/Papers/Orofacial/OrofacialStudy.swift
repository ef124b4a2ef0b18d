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
            try await movementTable(corpus, context), try await ClipUnits(self, corpus, context).table(),
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

    // MARK: Frame by frame

    /// One recording left out at a time: neighbouring cuts of one take are never on both sides.
    private func movementTable(_ corpus: JudgedCorpus, _ context: StudyContext) async throws -> StudyTable {
        let manifest = try context.data.manifest(of: movement.corpus)
        let set = try await corpus.library.speech(movement.corpus, isLabelled: false, tell: context.tell)
        let faces = try FaceSequences(manifest, set, hopsPerSecond: context.hopsPerSecond)
        let recordings = Set(faces.sequences.map(\.clip.recordingName)).sorted()
        guard recordings.count > 1 else {
            throw RecipeError.data(problem: "\(manifest.file): all clips are of one recording")
        }
        var folds: [MovementFold] = []
        for recording in recordings {
            let name = "movement, without \(recording)"
            folds.append(
                try await context.folder.result(name) { fold(without: recording, faces, context, name) }
            )
        }
        if let drawing = folds.first?.drawing {
            try context.folder.write(Data(drawing.utf8), to: "face.svg")
        }
        return table(folds, faces, recordings.count)
    }

    /// What one left-out recording shows: the network, the mean face, the network on shifted speech.
    private struct MovementFold: Codable {
        let network: Nearness
        let meanFace: Nearness
        let shifted: Nearness
        /// The first test clip as a drawing.
        let drawing: String
    }

    private func fold(
        without recording: String,
        _ faces: FaceSequences,
        _ context: StudyContext,
        _ name: String
    ) -> MovementFold {
        let training = faces.sequences.filter { $0.clip.recordingName != recording }
        let test = faces.sequences.filter { $0.clip.recordingName == recording }
        let inputs = Standard(training.map(\.features), columns: faces.width)
        let outputs = Standard(training.map(\.movement), columns: faces.units.count)
        let shape = shape(.joint, inputs: faces.width, movements: faces.units.count)
        var trainer = OrofacialTrainer(shape, movement.fitting, emotionWeight: 0, visemeWeight: 0, seed: seed)
        let standard = training.map { sequence in
            (
                inputs.applied(to: sequence.features, limit: Sentences.limit),
                outputs.applied(to: sequence.movement)
            )
        }
        trainer.fit(count: training.count) { epoch, loss in
            context.tell(
                .step(part: name, stage: "epochs", done: epoch, of: movement.fitting.epochs, loss: loss)
            )
        } draw: { index, random in
            window(training[index], standard[index], faces, &random)
        }
        return judge(trainer, test, faces, inputs, outputs, context)
    }

    /// A window of the same length from any sequence; one that is shorter is reflected.
    private func window(
        _ sequence: FaceSequence,
        _ standard: (features: [Float], movement: [Float]),
        _ faces: FaceSequences,
        _ random: inout TrainingRandom
    ) -> OrofacialTrainer.Example {
        let length = movement.windowFrames
        let first = Int.random(in: 0...max(0, sequence.frameCount - length), using: &random)
        let places = DynamicChunks(length: length, count: 1)
            .places(frames: min(length, sequence.frameCount)).map { first + $0 }
        func rows(_ values: [Float], _ width: Int) -> [Float] {
            places.flatMap { values[$0 * width..<($0 + 1) * width] }
        }
        return .init(
            features: rows(standard.features, faces.width),
            movement: rows(standard.movement, faces.units.count),
            isKnown: rows(sequence.isKnown, 1),
            emotion: nil,
            visemes: nil
        )
    }

    private func judge(
        _ trainer: OrofacialTrainer,
        _ test: [FaceSequence],
        _ faces: FaceSequences,
        _ inputs: Standard,
        _ outputs: Standard,
        _ context: StudyContext
    ) -> MovementFold {
        let columns = faces.units.count
        let predict = { (features: [Float]) in
            let standard = inputs.applied(to: features, limit: Sentences.limit)
            return outputs.undone(trainer.network.forward(standard, batch: 1).movement)
        }
        let truth = test.flatMap(\.movement)
        let isKnown = test.flatMap(\.isKnown)
        let nearness = { (predicted: [Float]) in
            Nearness(predicted, truth, columns: columns, isKnown: isKnown)
        }
        let shift = { (sequence: FaceSequence) in
            // Half of a clip that is shorter than twice the shift.
            let frames = min(Int(movement.controlSeconds * 30), sequence.frameCount / 2)
            return sequence.features.suffix(frames * faces.width)
                + sequence.features.dropLast(frames * faces.width)
        }
        return MovementFold(
            network: nearness(test.flatMap { predict($0.features) }),
            meanFace: nearness(isKnown.flatMap { _ in outputs.mean }),
            shifted: nearness(test.flatMap { predict(Array(shift($0))) }),
            drawing: test.first.map { sequence in
                FaceAnimation(
                    truth: sequence.movement,
                    prediction: predict(sequence.features),
                    units: faces.units,
                    framesPerSecond: Double(sequence.frameCount) / sequence.clip.durationSeconds
                ).svg
            } ?? ""
        )
    }

    private func table(_ folds: [MovementFold], _ faces: FaceSequences, _ recordings: Int) -> StudyTable {
        let units = faces.units.indices.map { column in
            [
                faces.units[column].name, spreadOf(folds.compactMap { $0.network.correlations[column] }),
                spreadOf(folds.map { $0.network.errors[column] }),
                spreadOf(folds.map { $0.meanFace.errors[column] }),
                spreadOf(folds.compactMap { $0.shifted.correlations[column] }),
            ]
        }
        let all = [
            "**mean**", spreadOf(folds.map(\.network.meanCorrelation)),
            spreadOf(folds.map(\.network.meanError)), spreadOf(folds.map(\.meanFace.meanError)),
            spreadOf(folds.map(\.shifted.meanCorrelation)),
        ]
        let minutes = faces.sequences.reduce(0) { $0 + $1.clip.durationSeconds } / 60
        return StudyTable(
            title: "Movement of the lower face, frame by frame",
            columns: [
                "action unit", "correlation", "RMSE", "RMSE of the mean face",
                "correlation, speech shifted",
            ],
            rows: [all] + units,
            notes: [
                "\(faces.sequences.count) clips, \(String(format: "%.1f", minutes)) minutes, one of \(recordings) recordings left out at a time; mean and deviation over them.",
                "Correlation over all frames of the recording; the mean face does not move and has none.",
            ]
        )
    }
}

extension Clip {
    /// The take that a clip is cut from: its path without the number of the cut.
    fileprivate var recordingName: String {
        path.split(separator: "_").dropLast().joined(separator: "_")
    }
}
