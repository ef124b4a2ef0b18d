// SPDX-License-Identifier: Apache-2.0
public import ModelBundle

/// The state of a training run. A resumed run gives the same results as an uninterrupted one.
///
/// On disk it is a folder like a model: `config.json` (progress, random state, the tensors' names) and
/// `model.safetensors` with its hash. It is written next to the old checkpoint and replaces it atomically, so a kill or
/// a full disk at any time leaves a complete checkpoint, the old or the new one.
public struct Checkpoint<Progress: Codable & Sendable>: Sendable {
    /// Progress of the caller's loop, such as epoch and stage.
    public var progress: Progress
    /// State of the random generator.
    public var random: TrainingRandom
    /// Number of the optimiser's steps.
    public var stepCount: Int
    /// The weights, in the order of the parameters.
    public var weights: [Float]
    /// The optimiser's running mean of the gradient.
    public var mean: [Float]
    /// The optimiser's running mean of the gradient's square.
    public var square: [Float]
    /// The averaged weights.
    public var average: [Float]
    /// Values that the caller trains along with the network; may be empty.
    public var extra: [Float]
    private var tensors: [String]

    private struct Description: Codable {
        var formatVersion = 1
        var progress: Progress
        var random: TrainingRandom
        var stepCount: Int
        var parameterCount: Int
        var extraCount: Int
        var tensors: [String]
    }

    /// Copies the state of a run.
    public init(
        _ parameters: Parameters<Float>,
        _ optimiser: AdamW<Float>,
        random: TrainingRandom,
        progress: Progress,
        extra: [Float] = []
    ) {
        (self.progress, self.random, self.extra) = (progress, random, extra)
        (stepCount, mean, square, average) =
            (optimiser.stepCount, optimiser.mean, optimiser.square, optimiser.average)
        weights = parameters.all
        tensors = parameters.entries.map(Self.signature)
    }

    /// Reads the checkpoint at `path`; errors name the missing or damaged part.
    public init(path: String) throws(ModelError) {
        let folder = try ModelFolder(path: path)
        let description = try folder.decodeConfiguration(as: Description.self)
        let shape = [description.parameterCount]
        weights = try folder.tensors.floats(of: "weights", shape: shape)
        mean = try folder.tensors.floats(of: "mean", shape: shape)
        square = try folder.tensors.floats(of: "square", shape: shape)
        average = try folder.tensors.floats(of: "average", shape: shape)
        // Stored with an extra zero, because a tensor cannot be empty.
        extra = try folder.tensors.floats(of: "extra", shape: [description.extraCount + 1]).dropLast()
        (progress, random) = (description.progress, description.random)
        (stepCount, tensors) = (description.stepCount, description.tensors)
    }

    /// Writes the checkpoint to the folder `path`, replacing any existing one.
    public func write(to path: String) throws(ModelError) {
        let description = Description(
            progress: progress,
            random: random,
            stepCount: stepCount,
            parameterCount: weights.count,
            extraCount: extra.count,
            tensors: tensors
        )
        let parts = [("weights", weights), ("mean", mean), ("square", square), ("average", average)]
        try ModelFolder.write(
            to: path,
            configuration: description,
            tensors: parts.map { NamedTensor(name: $0.0, shape: [$0.1.count], values: $0.1) }
                + [NamedTensor(name: "extra", shape: [extra.count + 1], values: extra + [0])],
            card: "A checkpoint of undertone-train, not a model.\n"
        )
    }

    /// Restores the values. Throws if the network has another shape.
    public func restore(_ parameters: Parameters<Float>, _ optimiser: AdamW<Float>) throws(ModelError) {
        guard parameters.entries.map(Self.signature) == tensors else {
            throw .incompatible(reason: "the checkpoint is of a network of another shape")
        }
        parameters.all = weights
        (optimiser.stepCount, optimiser.mean, optimiser.square, optimiser.average) =
            (stepCount, mean, square, average)
    }

    private static func signature(_ entry: Parameters<Float>.Entry) -> String {
        "\(entry.name) \(entry.shape.map(String.init).joined(separator: "x"))"
    }
}
