// SPDX-License-Identifier: Apache-2.0
import Corpora
import EmotionEncoder
import ModelBundle
import SpeechFeatures
import Training

/// Initial weights of a stage: none, or those of an earlier one.
struct StageStart {
    /// The tensors to begin with.
    var weights = NamedWeights()
    /// The input normalisation, once it is measured; later stages keep it.
    var statistics: InputStatistics?

    init(weights: NamedWeights = NamedWeights(), statistics: InputStatistics? = nil) {
        (self.weights, self.statistics) = (weights, statistics)
    }

    /// The normalisation of an interrupted stage, whose weights its own checkpoint restores.
    init(_ checkpoint: Checkpoint<StageProgress>) {
        let progress = checkpoint.progress
        statistics = InputStatistics(mean: progress.inputMean, scale: progress.inputScale)
    }

    /// The network in `model`, which must have the shape of `architecture`.
    ///
    /// - Throws: an error that names the folder and both shapes where they differ.
    init(_ model: ModelFolder, for architecture: EncoderArchitecture) throws {
        let configuration = try model.decodeConfiguration(as: ModelConfiguration.self)
        // The emotion head may have another hidden layer or other classes: it is then left behind.
        var comparable = configuration.encoder
        comparable.hiddenCount = architecture.hiddenCount
        let keepsHead = comparable == configuration.encoder && configuration.labels == Emotion.names
        guard comparable == architecture else {
            throw RecipeError.run(
                path: model.path,
                problem: "its network is not the recipe's: it has \(configuration.encoder.summary), "
                    + "the recipe \(architecture.summary); "
                    + "write the numbers of its config.json into the recipe's network"
            )
        }
        let count = [architecture.inputCount]
        statistics = InputStatistics(
            mean: try model.tensors.floats(of: "input.mean", shape: count),
            scale: try model.tensors.floats(of: "input.scale", shape: count)
        )
        weights = NamedWeights()
        let tensors = configuration.encoder.tensorShapes(
            labelCount: keepsHead ? configuration.labels.count : 0
        )
        // The normalisation is in `statistics`.
        for tensor in tensors where !tensor.name.hasPrefix("input.") {
            weights[tensor.name] = try model.tensors.floats(of: tensor.name, shape: tensor.shape)
        }
    }
}

extension EncoderArchitecture {
    fileprivate var summary: String {
        "\(inputCount) inputs, width \(width), \(blocks.dilations.count) blocks of kind \(blocks.kind)"
            + (isRecurrent ? " and a GRU" : "")
    }
}

/// Tensors by name, as one network hands them to the next.
struct NamedWeights {
    /// The heads of pretext tasks, which no other stage takes over.
    static let pretextPrefix = "pretext."
    private static let classPrefixes = ["classes.", "hidden."]

    private var tensors: [String: [Float]] = [:]
    /// True if there is an emotion head among them.
    var hasClasses: Bool { tensors.keys.contains { $0.hasPrefix("classes.") } }

    init() {}

    /// - Parameter hasClasses: whether the class head has learned anything; one that has not would only hand over what
    ///   weight decay has left of its random start.
    init(_ parameters: Parameters<Float>, hasClasses: Bool) {
        for entry in parameters.entries {
            let isHead = Self.classPrefixes.contains { entry.name.hasPrefix($0) }
            if entry.name.hasPrefix(Self.pretextPrefix) || isHead && !hasClasses { continue }
            tensors[entry.name] = parameters[entry.name]
        }
    }

    subscript(name: String) -> [Float]? {
        get { tensors[name] }
        set { tensors[name] = newValue }
    }

    /// Gives `parameters` what it has in common with these.
    func copy(to parameters: Parameters<Float>) {
        for entry in parameters.entries {
            if let values = tensors[entry.name] { parameters[entry.name] = values }
        }
    }
}

extension Recipe {
    /// The features of the model that the recipe begins with, `nil` if it begins with none.
    var startFeatures: FeatureSet? {
        get throws {
            struct Configuration: Decodable { let features: FeatureSet }
            return try start.map {
                try ModelFolder(path: $0).decodeConfiguration(as: Configuration.self).features
            }
        }
    }
}
