// SPDX-License-Identifier: Apache-2.0
import NeuralLayers

extension EmotionEncoder {
    /// State of one stream. Created by `makeState`, it never grows; a copy shares its memory until one of the two is stepped,
    /// and that step allocates.
    public struct State: Sendable {
        /// The newest embedding `[width]`.
        public internal(set) var embedding: [Float]
        /// Probability that the newest embedding is speech, 0...1.
        public internal(set) var speechProbability: Float = 0
        /// Amount of speech in the pool: the sum of the speech probabilities, in embeddings.
        public internal(set) var heardSpeech: Float = 0

        /// Share of the recent pool that is kept at each embedding, between 0 and 1. At 0 and at 1 there is no recent pool, and
        /// the whole one is used instead.
        public var recentForgetting: Float = 1

        /// True if the recent pool differs from the whole one.
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
        // Pool of a sound, with and without speech; empty unless the pooling is `statistics`.
        var soundPool: [Pooling.State]
        var vocalHidden: [Float]
        // The pooled frame: the taps, one after the other, and the index where each begins.
        var frame: [Float]
        var prediction: [Float]
        let blocksPlace: Int?
        let embeddingPlace: Int?
        let predictionPlace: Int?
        var pooled: [Float]
        var hidden: [Float]
    }

    /// Creates the state before the first frame. Allocates; no later call does.
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

    /// Starts a new utterance: clears the pool, keeps the state of the layers. Does not allocate.
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

/// A separate array for each caller: if two variables shared one array, the first write to it would allocate.
func zeros(_ count: Int) -> [Float] { Array(repeating: 0, count: count) }
