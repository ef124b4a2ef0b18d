// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation
import Recipes
import Training

/// Estimates the movement of the lower face frame by frame from speech alone, and tests it on left-out recordings of the
/// speaker and on an unseen speaker.
struct MovementByFrame {
    private let study: OrofacialStudy
    private let context: StudyContext
    private let faces: FaceSequences
    private let unseen: FaceSequences

    private var settings: OrofacialStudy.Movement { study.movement }

    init(_ study: OrofacialStudy, _ corpus: JudgedCorpus, _ context: StudyContext) async throws {
        func load(_ name: String) async throws -> FaceSequences {
            try FaceSequences(
                context.data.manifest(of: name),
                await corpus.library.speech(name, isLabelled: false, tell: context.tell),
                framesPerSecond: study.movement.framesPerSecond,
                hopsPerSecond: context.hopsPerSecond
            )
        }
        (self.study, self.context) = (study, context)
        faces = try await load(study.movement.corpus)
        unseen = try await load(study.movement.unseenCorpus)
    }

    /// Results on some clips: of the network, the mean face, and the network on shifted speech.
    private struct Result: Codable {
        let network: Nearness
        let meanFace: Nearness
        let shifted: Nearness
        /// The first clip as a drawing.
        let drawing: String
    }

    /// Trains and tests with each recording left out, and on the other speaker.
    func tables() async throws -> [StudyTable] {
        let recordings = Set(faces.sequences.map(\.clip.recordingName)).sorted()
        guard recordings.count > 1 else {
            throw RecipeError.data(problem: "\(settings.corpus): the study needs clips of two recordings")
        }
        var folds: [Result] = []
        for recording in recordings {
            // Neighbouring cuts of one take are never in both training and test.
            let name = "movement, without \(recording)"
            folds.append(
                try await context.folder.result(name) {
                    let training = faces.sequences.filter { $0.clip.recordingName != recording }
                    let test = faces.sequences.filter { $0.clip.recordingName == recording }
                    return judge(regressor(training, name), test, faces.units)
                }
            )
        }
        let name = "movement, unseen speaker"
        let other = try await context.folder.result(name) {
            judge(regressor(faces.sequences, name), unseen.sequences, unseen.units)
        }
        try context.folder.write(Data(folds[0].drawing.utf8), to: "face.svg")
        return [table(folds), unseenTable(other)]
    }

    /// A network with the scaling of its inputs and outputs.
    private struct Regressor {
        let network: OrofacialNetwork<Float>
        let inputs: Standard
        let outputs: Standard

        func movement(_ features: [Float]) -> [Float] {
            let standard = inputs.applied(to: features, limit: Sentences.limit)
            return outputs.undone(network.forward(standard, batch: 1).movement)
        }
    }

    private func regressor(_ training: [FaceSequence], _ name: String) -> Regressor {
        let inputs = Standard(training.map(\.features), columns: faces.width)
        let outputs = Standard(training.map(\.movement), columns: faces.units.count)
        let shape = study.shape(.joint, inputs: faces.width, movements: faces.units.count)
        var trainer = OrofacialTrainer(
            shape,
            settings.fitting,
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
                .step(part: name, stage: "epochs", done: epoch, of: settings.fitting.epochs, loss: loss)
            )
        } draw: { index, random in
            window(training[index], standard[index], &random)
        }
        return Regressor(network: trainer.network, inputs: inputs, outputs: outputs)
    }

    /// A window of fixed length from any sequence; shorter sequences are reflected.
    private func window(
        _ sequence: FaceSequence,
        _ standard: (features: [Float], movement: [Float]),
        _ random: inout TrainingRandom
    ) -> OrofacialTrainer.Example {
        let length = settings.windowFrames
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

    /// Compares the units that both sides have, in the order of the training corpus.
    private func judge(_ regressor: Regressor, _ test: [FaceSequence], _ units: [ActionUnit]) -> Result {
        let common = faces.units.filter(units.contains)
        func columns(_ rows: [Float], of all: [ActionUnit]) -> [Float] {
            let places = common.compactMap { all.firstIndex(of: $0) }
            return stride(from: 0, to: rows.count, by: all.count).flatMap { row in
                places.map { rows[row + $0] }
            }
        }
        let truth = columns(test.flatMap(\.movement), of: units)
        let isKnown = test.flatMap(\.isKnown)
        func nearness(_ predicted: [Float]) -> Nearness {
            Nearness(
                columns(predicted, of: faces.units),
                truth,
                columns: common.count,
                isKnown: isKnown
            )
        }
        return Result(
            network: nearness(test.flatMap { regressor.movement($0.features) }),
            meanFace: nearness(isKnown.flatMap { _ in regressor.outputs.mean }),
            shifted: nearness(test.flatMap { regressor.movement(shifted($0)) }),
            drawing: test.first.map { sequence in
                FaceAnimation(
                    truth: columns(sequence.movement, of: units),
                    prediction: columns(regressor.movement(sequence.features), of: faces.units),
                    units: common,
                    framesPerSecond: settings.framesPerSecond
                ).svg
            } ?? ""
        )
    }

    /// Speech that does not match the face: rotated, with its end first. The shift is at most half of the clip.
    private func shifted(_ sequence: FaceSequence) -> [Float] {
        let frames = min(
            Int(settings.controlSeconds * settings.framesPerSecond),
            sequence.frameCount / 2
        )
        let values = frames * faces.width
        return Array(sequence.features.suffix(values) + sequence.features.dropLast(values))
    }

    private func table(_ folds: [Result]) -> StudyTable {
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
        return StudyTable(
            title: "Movement of the lower face, frame by frame",
            columns: [
                "action unit", "correlation", "RMSE", "RMSE of the mean face",
                "correlation, speech shifted",
            ],
            rows: [all] + units,
            notes: [
                "\(faces.amount), one of \(folds.count) recordings left out at a time; mean and deviation over them.",
                "Correlation over all frames of the recording; the mean face is constant and has none.",
            ]
        )
    }

    private func unseenTable(_ result: Result) -> StudyTable {
        func decimals(_ value: Double?) -> String { value.map { String(format: "%.3f", $0) } ?? "" }
        let units = faces.units.filter(unseen.units.contains).enumerated().map { column, unit in
            [
                unit.name, decimals(result.network.correlations[column]),
                decimals(result.shifted.correlations[column]),
            ]
        }
        let all = [
            "**mean**", decimals(result.network.meanCorrelation), decimals(result.shifted.meanCorrelation),
        ]
        return StudyTable(
            title: "Movement of an unseen speaker",
            columns: ["action unit", "correlation", "correlation, speech shifted"],
            rows: [all] + units,
            notes: [
                "\(unseen.amount): too few for a measurement. Errors are omitted, since the two rigs have different scales."
            ]
        )
    }
}

extension FaceSequences {
    /// Number of clips and minutes, for notes.
    fileprivate var amount: String {
        let minutes = sequences.reduce(0) { $0 + $1.clip.durationSeconds } / 60
        return "clips: \(sequences.count), minutes: \(String(format: "%.1f", minutes))"
    }
}

extension Clip {
    /// The take that a clip is cut from: its path without the number of the cut.
    fileprivate var recordingName: String {
        path.split(separator: "_").dropLast().joined(separator: "_")
    }
}
