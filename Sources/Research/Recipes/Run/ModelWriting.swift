// SPDX-License-Identifier: Apache-2.0
import Corpora
import EmotionEncoder
import EmotionStream
public import Foundation
import ModelBundle
import SpeechFeatures
import Training

/// A model's whole `config.json`: the network's part, the features, and on whom it was calibrated.
struct FullConfiguration: Encodable {
    let model: ModelConfiguration
    let features: FeatureSet
    let calibrationSet: String?
    var voice: VoiceSettings?

    private enum CodingKeys: String, CodingKey { case features, calibration, voice }

    private struct CalibrationNote: Encodable {
        let temperature: Float
        let set: String?
    }

    func encode(to encoder: any Encoder) throws {
        try model.encode(to: encoder)
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(features, forKey: .features)
        try fields.encodeIfPresent(voice, forKey: .voice)
        try fields.encode(
            CalibrationNote(temperature: model.calibration.temperature, set: calibrationSet),
            forKey: .calibration
        )
    }
}

extension TrainingRun {
    /// The shape of every network of the run.
    var architecture: EncoderArchitecture {
        recipe.network.architecture(inputCount: features.featureCount)
    }

    /// Writes a part's network as a model folder; without labels if it has learned no emotions.
    func write(
        _ weights: NamedWeights,
        _ statistics: InputStatistics,
        temperature: Double,
        labels names: [String] = Emotion.names,
        to destination: URL,
        _ part: RunPart
    ) throws {
        let count = [statistics.mean.count]
        let input = [
            NamedTensor(name: "input.mean", shape: count, values: statistics.mean),
            NamedTensor(name: "input.scale", shape: count, values: statistics.scale),
        ]
        let labels = weights.hasClasses ? names : []
        let hasAttributes = weights.hasClasses && weights[AttributeLoss.head + ".weight"] != nil
        let attributes = hasAttributes ? recipe.attributes.map(\.rawValue) : []
        let vocal = weights["vocal.classes.weight"] == nil ? nil : vocalConfiguration
        let shapes = architecture.tensorShapes(
            labelCount: labels.count,
            attributeCount: attributes.count,
            vocal: vocal
        )
        let trained = shapes.compactMap { tensor in
            weights[tensor.name].map { NamedTensor(name: tensor.name, shape: tensor.shape, values: $0) }
        }
        let model = ModelConfiguration(
            id: part == .release ? recipe.name : "\(recipe.name)-\(part)",
            labels: labels,
            encoder: architecture,
            calibration: .init(temperature: Float(temperature)),
            attributes: attributes,
            vocal: vocal
        )
        try ModelFolder.write(
            to: destination.path,
            configuration: FullConfiguration(
                model: model,
                features: features,
                calibrationSet: calibrationSet(developmentSpeakers(of: part)),
                voice: voiceSettings
            ),
            tensors: input + trained,
            card: "Part \(part) of a run of the recipe \(recipe.name).\n"
        )
    }

    /// Writes the shipped model and its card to `folder`: the release, whether it has an emotion head or not.
    ///
    /// - Throws: an error if the release is not trained, or the folder cannot be written.
    public func export(to destination: URL) throws {
        guard folder.hasModel(of: .release) else { throw untrained(.release) }
        let trained = try ModelFolder(path: folder.model(of: .release).path)
        let configuration = try trained.decodeConfiguration(as: ModelConfiguration.self)
        let shapes = configuration.encoder.tensorShapes(
            labelCount: configuration.labels.count,
            attributeCount: configuration.attributes.count,
            vocal: configuration.vocal
        )
        let tensors = try shapes.map {
            NamedTensor(
                name: $0.name,
                shape: $0.shape,
                values: try trained.tensors.floats(of: $0.name, shape: $0.shape)
            )
        }
        let development = developmentSpeakers(of: .release)
        try ModelFolder.write(
            to: destination.path,
            configuration: FullConfiguration(
                model: configuration,
                features: features,
                calibrationSet: calibrationSet(development),
                voice: voiceSettings
            ),
            tensors: tensors,
            card: card(configuration)
        )
        try recordExport(to: destination)
    }

    private var vocalConfiguration: VocalConfiguration? {
        recipe.vocal.map {
            VocalConfiguration(
                kinds: $0.kinds.map(\.name),
                hiddenCount: $0.hiddenCount,
                threshold: $0.threshold,
                reported: $0.reported
            )
        }
    }

    /// Voice settings of the stream, if the recipe's read-out was trained with voices.
    private var voiceSettings: VoiceSettings? {
        recipe.readout?.voice.map { voice in
            var settings = VoiceSettings()
            settings.priorMean = Double(voice.priorMean)
            settings.priorDeviation = Double(voice.priorDeviation)
            (settings.same, settings.other) = (voice.same, voice.other)
            return settings
        }
    }

    private func card(_ configuration: ModelConfiguration) throws -> String {
        guard !configuration.labels.isEmpty else {
            return EncoderCard(recipe: recipe, configuration: configuration).markdown
        }
        let report = try? Data(contentsOf: folder.url.appending(path: "evaluation.json"))
        let figures = report.flatMap { try? JSONDecoder().decode(EvaluationReport.self, from: $0) }
        let voices = (try? Data(contentsOf: folder.url.appending(path: "voices.json"))).flatMap {
            try? JSONDecoder().decode(VoiceReport.self, from: $0)
        }
        let vocal = (try? Data(contentsOf: folder.url.appending(path: "vocal.json"))).flatMap {
            try? JSONDecoder().decode(VocalReport.self, from: $0)
        }
        return ModelCard(
            recipe: recipe,
            model: try model(of: .release),
            figures: figures,
            voices: voices,
            vocal: vocal
        )
        .markdown
    }

    private func calibrationSet(_ speakers: [String]) -> String? {
        speakers.isEmpty ? nil : "\(speakersCorpus ?? ""): \(speakers.joined(separator: ", "))"
    }
}
