// SPDX-License-Identifier: Apache-2.0
import NeuralLayers

extension EmotionEncoder {
    /// The model's own means and deviations; empty unless the pooling is `statistics`.
    public var populationStatistics: VoiceStatistics { population }

    /// Indices of a tap's means in the pooled vector; its deviations follow `pooledCount / 2` later. Nil if the
    /// model does not have this tap.
    public func means(of tap: EncoderArchitecture.Tap) -> Range<Int>? {
        let shape = configuration.encoder
        guard let index = shape.taps.firstIndex(of: tap) else { return nil }
        let first = shape.taps[..<index].reduce(0) { $0 + shape.channelCount(of: $1) }
        return first..<first + shape.channelCount(of: tap)
    }

    /// Writes the pooled vector `[pooledCount]`, before standardisation. Does not allocate.
    ///
    /// - Parameter recent: true for the recent pool, see ``State/recentForgetting``; false for
    ///   all frames since the last `resetPool`.
    public func copyPooled(_ state: inout State, recent: Bool = false, into pooled: inout [Float]) {
        if recent && state.fades {
            pooling.pooled(state.recentPool, into: &pooled)
        } else {
            pooling.pooled(state.pool, into: &pooled)
        }
    }

    /// Writes the vector that the heads read to `state.pooled`.
    func pool(_ state: inout State, recent: Bool, _ voice: VoiceStatistics?) {
        if recent && state.fades {
            pooling.pooled(state.recentPool, into: &state.pooled)
        } else {
            pooling.pooled(state.pool, into: &state.pooled)
        }
        guard pooling.kind == .statistics else { return }
        if let voice { voice.apply(to: &state.pooled) } else { population.apply(to: &state.pooled) }
    }

    /// Adds the newest embedding, or the newest frame of taps, to both pools.
    func stepPools(_ state: inout State) {
        let keep = configuration.encoder.forgetting
        let recentKeep = state.fades ? keep * state.recentForgetting : keep
        if pooling.kind == .statistics {
            finishFrame(&state)
        } else {
            for i in 0..<width { state.frame[i] = state.embedding[i] }
        }
        let weight = state.speechProbability
        pooling.step(state.frame, scoredBy: state.embedding, weight: weight, &state.pool, forgetting: keep)
        pooling.step(
            state.frame,
            scoredBy: state.embedding,
            weight: weight,
            &state.recentPool,
            forgetting: recentKeep
        )
    }

    /// Copies the output of the blocks to its place in the pooled frame, if it is a tap.
    func tapBlocks(_ state: inout State) {
        guard let place = state.blocksPlace else { return }
        for i in 0..<width { state.frame[place + i] = state.x[i] }
    }

    /// Copies the embedding and the prediction to their places in the pooled frame, if they are taps.
    private func finishFrame(_ state: inout State) {
        if let place = state.embeddingPlace {
            for i in 0..<width { state.frame[place + i] = state.embedding[i] }
        }
        guard let place = state.predictionPlace else { return }
        prediction[0].step(state.embedding, into: &state.prediction)
        for i in state.prediction.indices { state.frame[place + i] = state.prediction[i] }
    }
}
