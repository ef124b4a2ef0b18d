// SPDX-License-Identifier: Apache-2.0
import EmotionEncoder
import ModelBundle
import TestSupport
import Testing

/// The recent pool compared with the whole one, and statistics of a voice instead of the model's.
struct RecentPoolTests {
    private static let tapped = SmallEncoders.architectures[5]

    private func pooled(_ encoder: EmotionEncoder, _ state: inout EmotionEncoder.State, recent: Bool)
        -> [Float]
    {
        var pooled = [Float](repeating: 0, count: encoder.pooledCount)
        encoder.copyPooled(&state, recent: recent, into: &pooled)
        return pooled
    }

    private func probabilities(
        _ encoder: EmotionEncoder,
        _ state: inout EmotionEncoder.State,
        recent: Bool = false,
        voice: VoiceStatistics? = nil
    ) -> [Float] {
        var result = [Float](repeating: 0, count: encoder.labelCount)
        encoder.classProbabilities(of: &state, recent: recent, voice: voice, into: &result)
        return result
    }

    @Test(arguments: SmallEncoders.architectures, [Float(0), 1])
    func withoutFadingTheRecentPoolIsTheWholeOne(_ architecture: EncoderArchitecture, keep: Float) throws {
        let encoder = try SmallEncoders.encoder(architecture)
        var state = encoder.makeState()
        state.recentForgetting = keep
        _ = encoder.run(SmallEncoders.frames(40, of: architecture), &state)
        #expect(pooled(encoder, &state, recent: true) == pooled(encoder, &state, recent: false))
        #expect(probabilities(encoder, &state, recent: true) == probabilities(encoder, &state))
    }

    @Test(arguments: SmallEncoders.architectures)
    func theRecentPoolEqualsThatOfAModelWithForgetting(_ architecture: EncoderArchitecture) throws {
        let encoder = try SmallEncoders.encoder(architecture)
        var forgetful = architecture
        forgetful.forgetting *= 0.9
        let other = try SmallEncoders.encoder(forgetful)
        let frames = SmallEncoders.frames(60, of: architecture)
        var state = encoder.makeState()
        state.recentForgetting = 0.9
        _ = encoder.run(frames, &state)
        let whole = other.forward(frames)
        #expect(largestDifference(pooled(encoder, &state, recent: true), whole.pooled) < 1e-4)
        #expect(
            largestDifference(probabilities(encoder, &state, recent: true), whole.classProbabilities) < 1e-4
        )
        #expect(
            largestDifference(probabilities(encoder, &state), encoder.forward(frames).classProbabilities)
                < 1e-4
        )
        encoder.resetPool(&state)
        #expect(pooled(encoder, &state, recent: true) == pooled(encoder, &state, recent: false))
    }

    @Test func thePooledVectorIsInTheOrderOfTheTaps() throws {
        let encoder = try SmallEncoders.encoder(Self.tapped)
        #expect(encoder.pooledCount == 2 * (12 + 12 + 9))
        #expect(encoder.means(of: .blocks) == 0..<12)
        #expect(encoder.means(of: .embedding) == 12..<24)
        #expect(encoder.means(of: .prediction) == 24..<33)
        let sequence = encoder.forward(SmallEncoders.frames(20, of: Self.tapped))
        for t in sequence.speechProbabilities.indices {
            let frame = sequence.frames[t * 33..<(t + 1) * 33]
            #expect(
                Array(frame.dropFirst(12).prefix(12)) == Array(sequence.embeddings[t * 12..<(t + 1) * 12])
            )
        }
    }

    @Test func statisticsOfAVoiceReplaceTheModels() throws {
        let encoder = try SmallEncoders.encoder(Self.tapped)
        var tensors = SmallEncoders.tensors(Self.tapped)
        var random = SeededRandom(seed: 4)
        let count = encoder.pooledCount
        let voice = VoiceStatistics(
            mean: (0..<count).map { _ in .random(in: -1...1, using: &random) },
            deviation: (0..<count).map { _ in .random(in: 0.3...3, using: &random) }
        )
        for (name, values) in [("pool.mean", voice.mean), ("pool.deviation", voice.deviation)] {
            let index = try #require(tensors.firstIndex { $0.name == name })
            tensors[index].values = values
        }
        let other = try EmotionEncoder(
            configuration: encoder.configuration,
            tensors: TensorFile(decoding: TensorFile.encode(tensors), path: "small")
        )
        let frames = SmallEncoders.frames(30, of: Self.tapped)
        var (state, otherState) = (encoder.makeState(), other.makeState())
        _ = encoder.run(frames, &state)
        _ = other.run(frames, &otherState)
        #expect(probabilities(encoder, &state, voice: voice) == probabilities(other, &otherState))
        #expect(probabilities(encoder, &state, voice: voice) != probabilities(encoder, &state))
        #expect(
            probabilities(encoder, &state, voice: encoder.populationStatistics)
                == probabilities(encoder, &state)
        )
    }

    @Test func otherPoolingKindsIgnoreTheVoice() throws {
        let encoder = try SmallEncoders.encoder(SmallEncoders.architectures[0])
        var state = encoder.makeState()
        _ = encoder.run(SmallEncoders.frames(30, of: SmallEncoders.architectures[0]), &state)
        let voice = VoiceStatistics(mean: [1], deviation: [2])
        #expect(probabilities(encoder, &state, voice: voice) == probabilities(encoder, &state))
        #expect(encoder.populationStatistics.mean.isEmpty)
    }

    @Test(.enabled(if: canCountAllocations), arguments: SmallEncoders.architectures)
    func recentEstimatesNeverAllocate(_ architecture: EncoderArchitecture) throws {
        let encoder = try SmallEncoders.encoder(architecture)
        let frame = SmallEncoders.frames(1, of: architecture)
        var state = encoder.makeState()
        state.recentForgetting = 0.95
        let voice = VoiceStatistics(
            mean: Array(repeating: 0.1, count: encoder.pooledCount),
            deviation: Array(repeating: 2, count: encoder.pooledCount)
        )
        var pooled = [Float](repeating: 0, count: encoder.pooledCount)
        var result = [Float](repeating: 0, count: encoder.labelCount)
        let count = allocations {
            for _ in 0..<100 { _ = encoder.step(frame.span, &state) }
            encoder.copyPooled(&state, recent: true, into: &pooled)
            encoder.classProbabilities(of: &state, recent: true, voice: voice, into: &result)
            encoder.resetPool(&state)
        }
        #expect(count == 0)
    }
}
