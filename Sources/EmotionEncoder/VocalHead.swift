// SPDX-License-Identifier: Apache-2.0
import NeuralLayers
import StepKernels

/// A second head for vocal sounds without words: the section `vocal` of `config.json`.
///
/// Its first output is "something else"; the others follow the order of `kinds`.
public struct VocalConfiguration: Codable, Hashable, Sendable {
    /// Kinds that the head knows, each once.
    public var kinds: [String]
    /// Number of units in its hidden layer.
    public var hiddenCount: Int
    /// Probability from which a kind is reported, 0...1.
    public var threshold: Float
    /// Kinds that are reported; nil for all. The head may know a kind that it cannot recognise well enough to report.
    public var reported: [String]?

    private enum CodingKeys: String, CodingKey {
        case kinds, threshold, reported
        case hiddenCount = "hidden_count"
    }

    /// Creates a section with these values.
    public init(kinds: [String], hiddenCount: Int, threshold: Float, reported: [String]? = nil) {
        (self.kinds, self.hiddenCount, self.threshold) = (kinds, hiddenCount, threshold)
        self.reported = reported
    }

    /// The first error in it, or nil.
    var problem: String? {
        if !(1...16).contains(kinds.count) || Set(kinds).count != kinds.count {
            return "vocal.kinds is not a list of 1 to 16 different words"
        }
        if let reported, !Set(reported).isSubset(of: kinds) {
            return "vocal.reported has a word that is not in vocal.kinds"
        }
        if !(1...4096).contains(hiddenCount) { return "vocal.hidden_count is not 1 to 4096" }
        return (0...1).contains(threshold) ? nil : "vocal.threshold is not 0 to 1"
    }
}

extension EmotionEncoder {
    /// The layers of the head.
    struct VocalHead: Sendable {
        let hidden: Linear
        let classes: Linear
    }

    /// True if the model recognises vocal sounds without words.
    public var namesVocalSounds: Bool { !vocal.isEmpty }

    /// True if the model can pool a sound, so that such a head can be trained: with the pooling `statistics`.
    public var poolsSounds: Bool { pooling.kind == .statistics }

    /// Starts a new sound: clears the pool of the previous one. Does not allocate.
    public func resetSound(_ state: inout State) {
        for i in state.soundPool.indices { state.soundPool[i].reset() }
    }

    /// Adds the newest frame of taps to the sound, with or without speech. Does not allocate.
    public func stepSound(_ state: inout State) {
        for i in state.soundPool.indices {
            pooling.step(
                state.frame,
                scoredBy: state.embedding,
                weight: 1,
                &state.soundPool[i],
                forgetting: 1
            )
        }
    }

    /// Writes the pooled vector `[pooledCount]` of the sound so far. Does not allocate.
    public func copySound(_ state: State, into pooled: inout [Float]) {
        for i in state.soundPool.indices { pooling.pooled(state.soundPool[i], into: &pooled) }
    }

    /// The probabilities `[1 + kinds]` for the sound so far: of something else, then of each kind. Does not allocate.
    public func vocalProbabilities(of state: inout State, into probabilities: inout [Float]) {
        for i in vocal.indices {
            pooling.pooled(state.soundPool[i], into: &state.pooled)
            population.apply(to: &state.pooled)
            vocal[i].hidden.step(state.pooled, into: &state.vocalHidden)
            configuration.encoder.activation.apply(&state.vocalHidden)
            var values = probabilities.mutableSpan
            vocal[i].classes.step(state.vocalHidden.span, into: &values)
            softmax(&values)
        }
    }
}
