// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation
import Recipes
import Training

/// The movement of a face from speech, frame by frame, beside the mean face and shifted speech.
struct MovementByFrame {
    private let study: OrofacialStudy
    private let corpus: JudgedCorpus
    private let context: StudyContext

    init(_ study: OrofacialStudy, _ corpus: JudgedCorpus, _ context: StudyContext) {
        (self.study, self.corpus, self.context) = (study, corpus, context)
    }

    /// One recording left out at a time: neighbouring cuts of one take are never on both sides.
    func table() async throws -> StudyTable {
        let manifest = try context.data.manifest(of: study.movement.corpus)
        let set = try await corpus.library.speech(
            study.movement.corpus,
            isLabelled: false,
            tell: context.tell
        )
        let faces = try FaceSequences(manifest, set, hopsPerSecond: context.hopsPerSecond)
        let recordings = Set(faces.sequences.map(\.clip.recordingName)).sorted()
        guard recordings.count > 1 else {
            throw RecipeError.data(problem: "\(manifest.file): all clips are of one recording")
        }
        var folds: [MovementFold] = []
        for recording in recordings {
            let name = "movement, without \(recording)"
            folds.append(
                try await context.folder.result(name) { fold(without: recording, faces, name) }
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
        _ name: String
    ) -> MovementFold {
        let training = faces.sequences.filter { $0.clip.recordingName != recording }
        let test = faces.sequences.filter { $0.clip.recordingName == recording }
        let inputs = Standard(training.map(\.features), columns: faces.width)
        let outputs = Standard(training.map(\.movement), columns: faces.units.count)
        let shape = study.shape(.joint, inputs: faces.width, movements: faces.units.count)
        var trainer = OrofacialTrainer(
            shape,
            study.movement.fitting,
            emotionWeight: 0,
            visemeWeight: 0,
            seed: study.seed
        )
        let standard = training.map { sequence in
            (
                inputs.applied(to: sequence.features, limit: Sentences.limit),
                outputs.applied(to: sequence.movement)
            )
        }
        trainer.fit(count: training.count) { epoch, loss in
            context.tell(
                .step(part: name, stage: "epochs", done: epoch, of: study.movement.fitting.epochs, loss: loss)
            )
        } draw: { index, random in
            window(training[index], standard[index], faces, &random)
        }
        return judge(trainer, test, faces, inputs, outputs)
    }

    /// A window of the same length from any sequence; one that is shorter is reflected.
    private func window(
        _ sequence: FaceSequence,
        _ standard: (features: [Float], movement: [Float]),
        _ faces: FaceSequences,
        _ random: inout TrainingRandom
    ) -> OrofacialTrainer.Example {
        let length = study.movement.windowFrames
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
        _ outputs: Standard
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
            let frames = min(
                Int(study.movement.controlSeconds * sequence.framesPerSecond),
                sequence.frameCount / 2
            )
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
                    framesPerSecond: sequence.framesPerSecond
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
