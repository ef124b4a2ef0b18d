// SPDX-License-Identifier: Apache-2.0
import Training

/// What a stage begins with: nothing, or what an earlier one has learned.
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
}

/// Tensors by name, as one network hands them to the next.
struct NamedWeights {
    /// The heads of pretext tasks, which no other stage takes over.
    static let pretextPrefix = "pretext."
    private static let classPrefixes = ["classes.", "hidden."]

    private var tensors: [String: [Float]] = [:]
    /// Whether there is an emotion head among them.
    private(set) var hasClasses = false

    init() {}

    /// - Parameter hasClasses: whether the class head has learned anything; one that has not would only hand over what
    ///   weight decay has left of its random start.
    init(_ parameters: Parameters<Float>, hasClasses: Bool) {
        self.hasClasses = hasClasses
        for entry in parameters.entries {
            let isHead = Self.classPrefixes.contains { entry.name.hasPrefix($0) }
            if entry.name.hasPrefix(Self.pretextPrefix) || isHead && !hasClasses { continue }
            tensors[entry.name] = parameters[entry.name]
        }
    }

    subscript(name: String) -> [Float]? { tensors[name] }

    /// Gives `parameters` what it has in common with these.
    func copy(to parameters: Parameters<Float>) {
        for entry in parameters.entries {
            if let values = tensors[entry.name] { parameters[entry.name] = values }
        }
    }
}
