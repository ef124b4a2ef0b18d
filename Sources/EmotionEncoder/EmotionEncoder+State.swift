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

        /// How much of the recent pool is kept at each embedding, between 0 and 1; at 0 and at 1 there is no recent
        /// pool, and what is asked of it is answered by the whole one.
        public var recentForgetting: Float = 1

        /// Whether the recent pool differs from the whole one.
        var fades: Bool { recentForgetting > 0 && recentForgetting < 1 }

        var input: [Float]
        var x: [Float]
        var next: [Float]
        var front: [CausalConv1d.State]
        var convolutionBlocks: [ConvolutionBlock.State]
        var depthwiseBlocks: [DepthwiseBlock.State]
        var recurrences: [RecurrentBlock.State]
        var pool: Pooling.State
        var recentPool: Pooling.State
        // What is pooled of a sound, whether speech or not; empty unless the pooling is `statistics`.
        var soundPool: [Pooling.State]
        var vocalHidden: [Float]
        // What is pooled: the taps, one after the other, and where each begins.
        var frame: [Float]
        var prediction: [Float]
        let blocksPlace: Int?
        let embeddingPlace: Int?
        let predictionPlace: Int?
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
            recentPool: pooling.makeState(),
            soundPool: pooling.kind == .statistics ? [pooling.makeState()] : [],
            vocalHidden: zeros(configuration.vocal?.hiddenCount ?? 0),
            frame: zeros(pooling.channelCount),
            prediction: zeros(prediction.first?.outputCount ?? 0),
            blocksPlace: means(of: .blocks)?.lowerBound,
            embeddingPlace: means(of: .embedding)?.lowerBound,
            predictionPlace: means(of: .prediction)?.lowerBound,
            pooled: zeros(pooledCount),
            hidden: zeros(configuration.encoder.hiddenCount)
        )
    }

    /// Starts a new utterance: what was pooled is forgotten, what the layers have heard is kept. Does not allocate.
    public func resetPool(_ state: inout State) {
        state.pool.reset()
        state.recentPool.reset()
        state.heardSpeech = 0
    }

    /// Starts a new stream, as after a gap in the audio. Does not allocate.
    public func reset(_ state: inout State) {
        for i in front.indices { front[i].reset(&state.front[i]) }
        for i in convolutionBlocks.indices { convolutionBlocks[i].reset(&state.convolutionBlocks[i]) }
        for i in depthwiseBlocks.indices { depthwiseBlocks[i].reset(&state.depthwiseBlocks[i]) }
        for i in recurrences.indices { recurrences[i].reset(&state.recurrences[i]) }
        for i in state.embedding.indices { state.embedding[i] = 0 }
        for i in state.frame.indices { state.frame[i] = 0 }
        for i in state.prediction.indices { state.prediction[i] = 0 }
        for i in state.pooled.indices { state.pooled[i] = 0 }
        for i in state.vocalHidden.indices { state.vocalHidden[i] = 0 }
        state.speechProbability = 0
        resetPool(&state)
        resetSound(&state)
    }
}

/// An array of its own for each caller: two names for one array would make the first write to it allocate.
func zeros(_ count: Int) -> [Float] { Array(repeating: 0, count: count) }
