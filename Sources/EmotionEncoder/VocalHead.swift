// SPDX-License-Identifier: Apache-2.0
import NeuralLayers
import StepKernels

/// A second head that names sounds of a voice without words: the section `vocal` of `config.json`.
///
/// Its outputs are first "something else", then the kinds in the order of `kinds`.
public struct VocalConfiguration: Codable, Hashable, Sendable {
    /// The kinds that it names, each once.
    public var kinds: [String]
    /// Units of its hidden layer.
    public var hiddenCount: Int
    /// Probability from which a kind is named, 0...1.
    public var threshold: Float
    /// The kinds that are reported; nil for all. The head may know a kind that it cannot name well enough.
    public var reported: [String]?

    private enum CodingKeys: String, CodingKey {
        case kinds, threshold, reported
        case hiddenCount = "hidden_count"
    }

    /// Each parameter as its property says.
    public init(kinds: [String], hiddenCount: Int, threshold: Float, reported: [String]? = nil) {
        (self.kinds, self.hiddenCount, self.threshold) = (kinds, hiddenCount, threshold)
        self.reported = reported
    }

    /// What is wrong with it, or nil.
    var problem: String? {
        if !(1...16).contains(kinds.count) || Set(kinds).count != kinds.count {
            return "vocal.kinds is not a list of 1 to 16 different words"
        }
        if let reported, !Set(reported).isSubset(of: kinds) {
            return "vocal.reported holds a word that is not in vocal.kinds"
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

    /// Whether the model names sounds without words.
    public var namesVocalSounds: Bool { !vocal.isEmpty }

    /// Whether it can pool a sound, so that such a head can be trained: with the pooling `statistics`.
    public var poolsSounds: Bool { pooling.kind == .statistics }

    /// Starts a sound: what was pooled of the one before is forgotten. Does not allocate.
    public func resetSound(_ state: inout State) {
        for i in state.soundPool.indices { state.soundPool[i].reset() }
    }

    /// Adds the newest frame of taps to the sound, whether it is speech or not. Does not allocate.
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

    /// The probabilities `[1 + kinds]` of the sound so far: of something else, then of each kind. Does not allocate.
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
