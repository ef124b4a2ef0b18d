// SPDX-License-Identifier: Apache-2.0
public import NeuralLayers
import StepKernels

/// The network: feature frames in, embeddings, speech probability and emotion probabilities out.
///
///     frame ─► normalise ─► front convolutions ─► residual blocks ─► (GRU) ─► norm ─► embedding
///                                                                                      │
///                  classes ◄─ (hidden) ◄─ pooling ◄─ weighed by speech ◄───────────────┤
///               (attributes) ◄─ pooling           speech head ◄────────────────────────┘
///
/// With the pooling `statistics` up to three taps are pooled together: the blocks' output, the embedding, and the
/// prediction of a teacher's vector.
///
/// Contains only weights; the past of a stream is its `State`, so one encoder can serve many streams and threads.
/// Every layer is causal, and `geometry` gives the input frames of an embedding.
public struct EmotionEncoder: Sendable {
    /// Description that the network was built from.
    public let configuration: ModelConfiguration
    let mean: [Float]
    let scale: [Float]
    let front: [CausalConv1d]
    // All blocks are of one kind, so one of these two is empty; there is at most one recurrence.
    let convolutionBlocks: [ConvolutionBlock]
    let depthwiseBlocks: [DepthwiseBlock]
    let recurrences: [RecurrentBlock]
    let norm: LayerNorm
    let speech: ScalarHead
    let pooling: Pooling
    // One layer if the prediction is a tap, or none.
    let prediction: [Linear]
    // Statistics that standardise the pooled vector; empty unless the pooling is `statistics`.
    let population: VoiceStatistics
    let hidden: [Linear]
    let classes: Linear
    // One layer for all attributes, or none.
    let attributes: [Linear]
    // The head for sounds without words; empty if there is none.
    let vocal: [VocalHead]

    /// Normalised features are clamped to this magnitude, so activations stay finite.
    public static let inputLimit: Float = 10

    /// Number of values in a feature frame.
    public var inputCount: Int { configuration.encoder.inputCount }
    /// Number of values in an embedding.
    public var width: Int { configuration.encoder.width }
    /// Number of values in the pooled vector: `width`, or with the pooling `statistics` twice the values of all taps.
    public var pooledCount: Int { pooling.outputCount }
    /// Number of emotion classes.
    public var labelCount: Int { configuration.labels.count }
    /// Number of attributes such as arousal that the model was trained on; 0 for most models.
    public var attributeCount: Int { configuration.attributes.count }
    /// Number of parameters of the model.
    public var parameterCount: Int {
        configuration.encoder.parameterCount(
            labelCount: labelCount,
            attributeCount: attributeCount,
            vocal: configuration.vocal
        )
    }
    /// Range of feature frames that an embedding depends on, and number of frames for each embedding.
    public var geometry: StreamGeometry { configuration.encoder.geometry }

    /// Processes one feature frame `[inputCount]`. Does not allocate.
    ///
    /// - Returns: true when `state` has a new embedding with its speech probability.
    public func step(_ frame: Span<Float>, _ state: inout State) -> Bool {
        normalize(frame, into: &state.input)
        guard stepFront(&state) else { return false }
        for i in convolutionBlocks.indices {
            convolutionBlocks[i].step(&state.x, &state.convolutionBlocks[i])
        }
        for i in depthwiseBlocks.indices { depthwiseBlocks[i].step(&state.x, &state.depthwiseBlocks[i]) }
        tapBlocks(&state)
        for i in recurrences.indices { recurrences[i].step(&state.x, &state.recurrences[i]) }
        norm.step(state.x, into: &state.embedding)
        state.speechProbability = sigmoid(speech.value(state.embedding))
        stepPools(&state)
        state.heardSpeech += state.speechProbability
        return true
    }

    /// The class probabilities `[labelCount]`, in the order of the labels, for all frames since the last
    /// `resetPool`. Does not allocate.
    ///
    /// - Parameters:
    ///   - recent: true to use the recent pool, see ``State/recentForgetting``.
    ///   - voice: statistics that standardise the pooled vector instead of the model's own; ignored unless the pooling is
    ///     `statistics`.
    public func classProbabilities(
        of state: inout State,
        recent: Bool = false,
        voice: VoiceStatistics? = nil,
        into probabilities: inout MutableSpan<Float>
    ) {
        pool(&state, recent: recent, voice)
        if hidden.isEmpty {
            classes.step(state.pooled.span, into: &probabilities)
        } else {
            hidden[0].step(state.pooled, into: &state.hidden)
            configuration.encoder.activation.apply(&state.hidden)
            classes.step(state.hidden.span, into: &probabilities)
        }
        for i in probabilities.indices { probabilities[i] /= configuration.calibration.temperature }
        softmax(&probabilities)
    }

    /// Same, written to an array that already has `labelCount` values.
    public func classProbabilities(
        of state: inout State,
        recent: Bool = false,
        voice: VoiceStatistics? = nil,
        into probabilities: inout [Float]
    ) {
        var probabilities = probabilities.mutableSpan
        classProbabilities(of: &state, recent: recent, voice: voice, into: &probabilities)
    }

    /// The attributes `[attributeCount]`, each -1...1, in the order of the configuration, for all frames since the last
    /// `resetPool`. Does not allocate.
    ///
    /// - Returns: true if an output was outside the scale and was clamped.
    public func attributes(
        of state: inout State,
        recent: Bool = false,
        voice: VoiceStatistics? = nil,
        into values: inout MutableSpan<Float>
    ) -> Bool {
        guard !attributes.isEmpty else { return false }
        pool(&state, recent: recent, voice)
        attributes[0].step(state.pooled.span, into: &values)
        var isClipped = false
        for index in values.indices where !(abs(values[index]) <= 1) {
            values[index] = values[index] > 0 ? 1 : -1
            isClipped = true
        }
        return isClipped
    }

    private func normalize(_ frame: Span<Float>, into input: inout [Float]) {
        var input = input.mutableSpan
        StepKernels.normalize(frame, mean: mean.span, scale: scale.span, limit: Self.inputLimit, into: &input)
    }

    /// Runs the front until a layer's stride consumes the frame; the last output is left in `state.x`.
    private func stepFront(_ state: inout State) -> Bool {
        guard front[0].step(state.input, &state.front[0], into: &state.x) else { return false }
        configuration.encoder.activation.apply(&state.x)
        for i in front.indices.dropFirst() {
            guard front[i].step(state.x, &state.front[i], into: &state.next) else { return false }
            configuration.encoder.activation.apply(&state.next)
            swap(&state.x, &state.next)
        }
        return true
    }
}

/// One number from an embedding: w . x + b.
struct ScalarHead: Sendable {
    let weight: [Float]
    let bias: Float

    func value(_ x: [Float]) -> Float { dot(weight.span, x.span) + bias }
}
