// SPDX-License-Identifier: Apache-2.0
import EmotionEncoder
import EmotionEvents
import EmotionStream
import Foundation
import ModelBundle
import NeuralLayers
import SpeechFeatures
import TestSupport

/// The bundled network with a speaker prediction, statistics pooling and random heads: it detects speech as the
/// bundled model does, and has voices. Its emotions are meaningless.
enum VoiceModel {
    private struct Configuration: Encodable {
        let model: ModelConfiguration
        let features: FeatureSet
        let voice: VoiceSettings?

        private enum CodingKeys: String, CodingKey { case features, voice }

        func encode(to encoder: any Encoder) throws {
            try model.encode(to: encoder)
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encode(features, forKey: .features)
            try fields.encodeIfPresent(voice, forKey: .voice)
        }
    }

    static let model: Result<StreamModel, any Error> = Result { try make(VoiceSettings()) }

    /// Settings in which all voices are the same one and the baseline has full weight at once.
    static let credulous: Result<StreamModel, any Error> = Result {
        var voice = VoiceSettings()
        (voice.same, voice.other, voice.priorMean, voice.priorDeviation) = (-1, -1, 1, 1)
        return try make(voice)
    }

    /// Settings that give every sound a random kind.
    static let vocal: Result<StreamModel, any Error> = Result {
        let kinds = VocalSound.Kind.allCases.map { "\($0.word)" }
        return try make(
            VoiceSettings(),
            vocal: VocalConfiguration(kinds: kinds, hiddenCount: 8, threshold: 0)
        )
    }

    static func make(_ voice: VoiceSettings?, vocal: VocalConfiguration? = nil) throws -> StreamModel {
        let shipped = try ModelFolder(path: ModelFolder.defaultPath)
        let features = try StreamModel(shipped).features.featureSet
        var configuration: ModelConfiguration = try shipped.decodeConfiguration()
        (configuration.id, configuration.encoder.pooling) = ("voice", .statistics)
        configuration.encoder.taps = [.blocks, .embedding, .prediction]
        configuration.encoder.predictionCount = 16
        configuration.vocal = vocal
        let root = FileManager.default.temporaryDirectory.appending(path: "undertone-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: root) }
        try ModelFolder.write(
            to: root.path,
            configuration: Configuration(model: configuration, features: features, voice: voice),
            tensors: tensors(configuration, from: shipped),
            card: ""
        )
        return try StreamModel(path: root.path)
    }

    private static func tensors(_ configuration: ModelConfiguration, from shipped: ModelFolder) throws
        -> [NamedTensor]
    {
        var random = SeededRandom(seed: 3)
        return try configuration.encoder.tensorShapes(
            labelCount: configuration.labels.count,
            vocal: configuration.vocal
        ).map { tensor in
            let isShipped = shipped.tensors.shape(of: tensor.name) == tensor.shape
            if isShipped, !tensor.name.hasPrefix("vocal.") {
                let values = try shipped.tensors.floats(of: tensor.name, shape: tensor.shape)
                return NamedTensor(name: tensor.name, shape: tensor.shape, values: values)
            }
            let range: ClosedRange<Float> = tensor.name == "pool.deviation" ? 0.5...2 : -0.1...0.1
            var values = (0..<tensor.shape.reduce(1, *)).map { _ in Float.random(in: range, using: &random) }
            // So that some kind is always more probable than something else.
            if tensor.name == "vocal.classes.bias" { values[0] = -9 }
            return NamedTensor(name: tensor.name, shape: tensor.shape, values: values)
        }
    }
}
