// SPDX-License-Identifier: Apache-2.0
public import EmotionEncoder
public import ModelBundle
public import SpeechFeatures

/// A model ready to listen: its network, the features that it was trained on, and its thresholds.
///
/// Immutable and shared: one model can serve many pipelines.
public struct StreamModel: Sendable {
    /// The network's weights.
    public let encoder: EmotionEncoder
    /// The exact features that it was trained on.
    public let features: FeatureSet
    /// Thresholds, from the model where it names them.
    public let settings: StreamSettings
    /// The model's identity for `hello` and `status`.
    public let identity: Identity

    /// Who the model is.
    public struct Identity: Sendable {
        /// Short name from `config.json`.
        public let id: String
        /// SHA-256 of the weights, 64 hexadecimal digits.
        public let sha256: String
        /// What its probabilities were calibrated on, if they were.
        public let calibrationSet: String?
    }

    private struct StreamConfiguration: Decodable {
        let features: FeatureSet
        let stream: StreamSettings?
    }

    /// Reads and checks a model folder.
    ///
    /// - Throws: ``ModelError`` with one sentence if a file is missing, short, altered, or of another kind.
    public init(_ folder: ModelFolder) throws(ModelError) {
        encoder = try EmotionEncoder(folder)
        let configuration = try folder.decodeConfiguration(as: StreamConfiguration.self)
        features = configuration.features
        settings = configuration.stream ?? StreamSettings()
        if let problem = settings.problem {
            throw folder.problem("config.json, stream: \(problem)")
        }
        guard features.featureCount == encoder.configuration.inputCount else {
            throw folder.problem(
                "its features have \(features.featureCount) values a frame, its network takes "
                    + "\(encoder.configuration.inputCount)")
        }
        identity = Identity(
            id: encoder.configuration.id, sha256: folder.sha256,
            calibrationSet: encoder.configuration.calibrationSet)
    }

    /// The model's labels, in the order of the probabilities.
    public var labels: [String] { encoder.configuration.labels }

    /// Samples from one embedding to the next.
    public var samplesPerEmbedding: Int { encoder.geometry.stride * features.hopSamples }
}
