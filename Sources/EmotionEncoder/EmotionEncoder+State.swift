// SPDX-License-Identifier: Apache-2.0
import NeuralLayers

extension EmotionEncoder {
    /// What one stream has heard. Made once by `makeState`, it never grows; a copy of it shares memory until one
    /// of the two steps on, and that step allocates.
    public struct State: Sendable {
        /// The newest embedding `[width]`.
        public internal(set) var embedding: [Float]
        /// How likely the newest embedding is speech, 0...1.
        public internal(set) var speechProbability: Float = 0
        /// How much speech the pool has heard: the sum of the speech probabilities, in embeddings.
        public internal(set) var heardSpeech: Float = 0

        var input: [Float]
        var x: [Float]
        var next: [Float]
        var front: [CausalConv1d.State]
        var convolutionBlocks: [ConvolutionBlock.State]
        var depthwiseBlocks: [DepthwiseBlock.State]
        var recurrences: [RecurrentBlock.State]
        var pool: Pooling.State
        var pooled: [Float]
        var hidden: [Float]
    }

    /// The state before the first frame. Allocates; nothing after it does.
    public func makeState() -> State {
        State(
            embedding: zeros(width),
            input: zeros(inputCount),
            x: zeros(width),
            next: zeros(width),
            front: front.map { $0.makeState() },
            convolutionBlocks: convolutionBlocks.map { $0.makeState() },
            depthwiseBlocks: depthwiseBlocks.map { $0.makeState() },
            recurrences: recurrences.map { $0.makeState() },
            pool: pooling.makeState(),
            pooled: zeros(width),
            hidden: zeros(configuration.encoder.hiddenCount)
        )
    }

    /// Starts a new utterance: what was pooled is forgotten, what the layers have heard is kept. Does not allocate.
    public func resetPool(_ state: inout State) {
        state.pool.reset()
        state.heardSpeech = 0
    }

    /// Starts a new stream, as after a gap in the audio. Does not allocate.
    public func reset(_ state: inout State) {
        for i in front.indices { front[i].reset(&state.front[i]) }
        for i in convolutionBlocks.indices { convolutionBlocks[i].reset(&state.convolutionBlocks[i]) }
        for i in depthwiseBlocks.indices { depthwiseBlocks[i].reset(&state.depthwiseBlocks[i]) }
        for i in recurrences.indices { recurrences[i].reset(&state.recurrences[i]) }
        for i in state.embedding.indices { state.embedding[i] = 0 }
        state.speechProbability = 0
        resetPool(&state)
    }
}

/// An array of its own for each caller: two names for one array would make the first write to it allocate.
func zeros(_ count: Int) -> [Float] { Array(repeating: 0, count: count) }
