// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation
import Recipes
import SpeechFeatures

/// Estimates the mean action units of a clip from its speech, alone and with emotions as the secondary task.
struct ClipUnits {
    private let study: OrofacialStudy
    private let corpus: JudgedCorpus
    private let context: StudyContext

    init(_ study: OrofacialStudy, _ corpus: JudgedCorpus, _ context: StudyContext) {
        (self.study, self.corpus, self.context) = (study, corpus, context)
    }

    /// Results of one fold.
    private struct Fold: Codable {
        let units: Nearness
        let meanFace: Nearness
        let emotions: Judgement
        /// The unweighted average recall of the visemes.
        let visemeRecall: Double
    }

    /// The clips of the study with the known data of their faces and mouths.
    private struct Material {
        let sentences: Sentences
        /// Units that the table has for every clip.
        let units: [ActionUnit]
        /// Values of the units, in the order of the sentences; nil for a clip without a face.
        let faces: [[Float]?]
        let visemes: VisemeTable
    }

    /// Trains and tests every variant on every fold.
    func table() async throws -> StudyTable {
        let sentences = try await corpus.sentences(study.units.frames, context)
        let (units, faces) = try faces(of: sentences)
        let visemes = try VisemeTable(file: context.file(study.units.visemes))
        let material = Material(sentences: sentences, units: units, faces: faces, visemes: visemes)
        var rows: [[String]] = []
        for variant in study.units.variants {
            var folds: [Fold] = []
            for fold in 0..<corpus.folds.foldCount {
                let name = "units, \(variant.name), fold \(fold)"
                let judged = try await context.folder.result(name) {
                    judge(variant, fold: fold, material, name: name)
                }
                folds.append(judged)
            }
            rows.append([
                variant.name, spreadOf(folds.map(\.units.meanCorrelation)),
                spreadOf(folds.map(\.units.meanError)), spreadOf(folds.map(\.meanFace.meanError)),
                variant.emotionWeight > 0 ? spreadOf(folds.map(\.emotions.recall)) : "",
                variant.visemeWeight > 0 ? spreadOf(folds.map(\.visemeRecall)) : "",
            ])
        }
        return StudyTable(
            title: "Mean action units of a clip",
            columns: [
                "variant", "correlation", "RMSE", "RMSE of the mean face", "UAR of emotions",
                "UAR of visemes",
            ],
            rows: rows,
            notes: [
                "\(faces.count { $0 != nil }) clips with \(units.count) units; mean over the units, mean and deviation over the folds.",
                "No test speaker is in training. Chance is 0.143 for emotions; visemes come from the text of few sentences, evenly aligned.",
            ]
        )
    }

    /// The units that the table has for every clip, and their values in the order of the sentences.
    private func faces(of sentences: Sentences) throws -> ([ActionUnit], [[Float]?]) {
        let corpus = corpus.recipe.evaluation?.corpus ?? ""
        let table = context.data.url.appending(path: study.units.table, directoryHint: .isDirectory)
        let library = try FaceLibrary(corpus: context.data.manifest(of: corpus), tables: [table])
        let faces = sentences.clips.map { library[$0.path]?.unitIntensity }
        let units = ActionUnit.allCases.filter { unit in faces.allSatisfy { $0?[unit] != nil || $0 == nil } }
        guard !units.isEmpty else {
            throw RecipeError.data(problem: "\(table.path): no action unit has values for every clip")
        }
        return (units, faces.map { face in face.map { face in units.map { Float(face[$0] ?? 0) } } })
    }

    private func judge(
        _ variant: OrofacialStudy.Variant,
        fold: Int,
        _ material: Material,
        name: String
    ) -> Fold {
        let (raw, units, faces) = (material.sentences, material.units, material.faces)
        let training =
            (corpus.indices(.training, fold, in: raw) + corpus.indices(.development, fold, in: raw))
            .filter { faces[$0] != nil }
        let test = corpus.indices(.test, fold, in: raw).filter { faces[$0] != nil }
        let sentences = raw.normalised(by: raw.moments(of: training))
        let outputs = Standard(training.compactMap { faces[$0] }, columns: units.count)
        let shape = study.shape(variant.structure, inputs: raw.width, movements: units.count)
        var trainer = OrofacialTrainer(
            shape,
            study.units.fitting,
            emotionWeight: variant.emotionWeight,
            visemeWeight: variant.visemeWeight,
            seed: study.seed
        )
        let window = DynamicChunks(length: study.units.length, count: 1)
        trainer.fit(count: training.count) { epoch, loss in
            context.tell(
                .step(part: name, stage: "epochs", done: epoch, of: study.units.fitting.epochs, loss: loss)
            )
        } draw: { index, _ in
            let sentence = training[index]
            return .init(
                features: window.cut(sentences.frames[sentence][0], width: raw.width),
                movement: outputs.applied(to: faces[sentence] ?? outputs.mean),
                isKnown: [1],
                emotion: raw.clips[sentence].emotion?.rawValue,
                visemes: material.visemes.aligned(
                    raw.clips[sentence].sentence,
                    frames: raw.frameCount(sentence)
                ).map { all in window.places(frames: all.count).map { all[$0] } }
            )
        }
        return answers(of: trainer, to: test, sentences, material, outputs: outputs)
    }

    private func answers(
        of trainer: OrofacialTrainer,
        to test: [Int],
        _ sentences: Sentences,
        _ material: Material,
        outputs: Standard
    ) -> Fold {
        var mouths = ConfusionMatrix(labels: (0..<VisemeTable.count).map(String.init))
        var emotions = Judgement()
        var predicted: [Float] = []
        for sentence in test {
            let output = trainer.network.forward(sentences.frames[sentence][0], batch: 1)
            predicted += outputs.undone(trainer.means(output.movement))
            let truths = material.visemes.aligned(
                sentences.clips[sentence].sentence,
                frames: sentences.frameCount(sentence)
            )
            for (frame, truth) in (truths ?? []).enumerated() {
                let row = frame * VisemeTable.count..<(frame + 1) * VisemeTable.count
                let best = row.max { output.visemes[$0] < output.visemes[$1] } ?? row.lowerBound
                mouths.add(truth: truth, answer: best - row.lowerBound)
            }
            emotions.add(
                sentences.clips[sentence],
                answer: output.emotions.indices.max { output.emotions[$0] < output.emotions[$1] } ?? 0
            )
        }
        let truth = test.flatMap { material.faces[$0] ?? outputs.mean }
        let columns = outputs.mean.count
        return Fold(
            units: Nearness(predicted, truth, columns: columns),
            meanFace: Nearness(test.flatMap { _ in outputs.mean }, truth, columns: columns),
            emotions: emotions,
            visemeRecall: mouths.unweightedAverageRecall
        )
    }
}
