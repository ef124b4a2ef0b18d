// SPDX-License-Identifier: Apache-2.0
public import EmotionEncoder
import EmotionEvents
public import ModelBundle
import NeuralLayers
public import SpeechFeatures

/// A model ready for streaming: its network, the features that it was trained on, and its thresholds.
///
/// Immutable and shared: one model can serve many pipelines.
public struct StreamModel: Sendable {
    /// The network's weights.
    public let encoder: EmotionEncoder
    /// The exact features that it was trained on, ready to start.
    public let features: OnlineFeatures
    /// Thresholds, from the model if it has them.
    public let settings: StreamSettings
    /// SHA-256 of the weights, 64 hexadecimal digits.
    public let sha256: String
    /// Data on which its probabilities were calibrated, from the model's configuration.
    public let calibrationSet: String?
    /// Settings for telling voices apart; nil for a model without voice baselines.
    public let voice: VoiceSettings?

    private struct StreamConfiguration: Decodable {
        let features: FeatureSet
        let stream: StreamSettings?
        let calibration: Calibration?
        let voice: VoiceSettings?

        struct Calibration: Decodable { let set: String? }
    }

    /// Creates the model from `folder`.
    ///
    /// - Throws: `ModelError` with one sentence if the parts do not match or a number is out of range.
    public init(_ folder: ModelFolder) throws(ModelError) {
        let configuration = try folder.decodeConfiguration(as: StreamConfiguration.self)
        encoder = try EmotionEncoder(folder)
        settings = configuration.stream ?? StreamSettings()
        sha256 = folder.sha256
        calibrationSet = configuration.calibration?.set
        voice = configuration.voice
        do {
            features = try OnlineFeatures(configuration.features)
        } catch {
            throw .incompatible(reason: "its features are invalid: \(error)")
        }
        if let problem = settings.problem {
            throw .incompatible(reason: "its stream settings are: \(problem)")
        }
        if let problem = voice?.problem {
            throw .incompatible(reason: "its voice settings are: \(problem)")
        }
        if voice != nil && encoder.populationStatistics.mean.isEmpty {
            throw .incompatible(reason: "it has voice settings, which need the pooling statistics")
        }
        if features.featureCount != encoder.inputCount {
            throw .incompatible(
                reason:
                    "its features have \(features.featureCount) values, its network takes \(encoder.inputCount)"
            )
        }
        if labels.count > maximumClassCount {
            throw .incompatible(
                reason: "it has \(labels.count) labels, and an event holds \(maximumClassCount)"
            )
        }
    }

    /// Reads the model folder at `path`.
    public init(path: String) throws(ModelError) { try self.init(ModelFolder(path: path)) }

    /// The model's short name.
    public var id: String { encoder.configuration.id }

    /// Its labels, in the order of the probabilities.
    public var labels: [String] { encoder.configuration.labels }

    /// Its attributes, in the order of their values; usually none.
    public var attributes: [String] { encoder.configuration.attributes }

    /// The baselines of voices, empty; nil for a model without them.
    ///
    /// Voices are compared by the predicted speaker encoder's vector if the model has it, else by the first tap.
    package func makeVoiceBaselines() -> VoiceBaselines? {
        guard let voice else { return nil }
        let taps = encoder.configuration.encoder.taps
        guard let slice = encoder.means(of: taps.contains(.prediction) ? .prediction : taps[0]) else {
            return nil
        }
        return VoiceBaselines(voice, population: encoder.populationStatistics, slice: slice)
    }

    /// Samples from one embedding to the next.
    public var samplesPerEmbedding: Int { encoder.geometry.stride * hopSamples }

    /// Samples from one feature frame to the next.
    public var hopSamples: Int { features.featureSet.spectrum.hopSamples }
}
