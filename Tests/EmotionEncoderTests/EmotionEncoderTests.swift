// SPDX-License-Identifier: Apache-2.0
import EmotionEncoder
import ModelBundle
import NeuralLayers
import TestSupport
import Testing

struct EmotionEncoderTests {
    @Test(arguments: SmallEncoders.architectures, [1, 2, 3, 5, 40, 157])
    func stepEqualsForward(_ architecture: EncoderArchitecture, frameCount: Int) throws {
        let encoder = try SmallEncoders.encoder(architecture)
        let frames = SmallEncoders.frames(frameCount, of: architecture)
        let whole = encoder.forward(frames)
        var state = encoder.makeState()
        let steps = encoder.run(frames, &state)
        #expect(steps.embeddings.count == whole.embeddings.count)
        #expect(largestDifference(steps.embeddings, whole.embeddings) < 1e-4)
        #expect(largestDifference(steps.speechProbabilities, whole.speechProbabilities) < 1e-4)
        #expect(largestDifference(encoder.probabilities(&state), whole.classProbabilities) < 1e-4)
    }

    @Test(arguments: SmallEncoders.architectures)
    func probabilitiesSumToOne(_ architecture: EncoderArchitecture) throws {
        let encoder = try SmallEncoders.encoder(architecture)
        var state = encoder.makeState()
        _ = encoder.run(SmallEncoders.frames(50, of: architecture), &state)
        let probabilities = encoder.probabilities(&state)
        #expect(abs(probabilities.reduce(0, +) - 1) < 1e-5)
        #expect(probabilities.allSatisfy { $0 > 0 })
    }

    @Test(arguments: SmallEncoders.architectures)
    func aResetPoolDoesNotContainThePreviousUtterance(_ architecture: EncoderArchitecture) throws {
        let encoder = try SmallEncoders.encoder(architecture)
        var state = encoder.makeState()
        var untouched = encoder.makeState()
        let expected = encoder.probabilities(&untouched)
        _ = encoder.run(SmallEncoders.frames(50, of: architecture), &state)
        #expect(state.heardSpeech > 0)
        encoder.resetPool(&state)
        #expect(state.heardSpeech == 0)
        #expect(encoder.probabilities(&state) == expected)
    }

    @Test(arguments: SmallEncoders.architectures)
    func aResetStreamIsANewOne(_ architecture: EncoderArchitecture) throws {
        let encoder = try SmallEncoders.encoder(architecture)
        let frames = SmallEncoders.frames(50, of: architecture)
        var fresh = encoder.makeState()
        var used = encoder.makeState()
        _ = encoder.run(SmallEncoders.frames(23, of: architecture, seed: 9), &used)
        encoder.reset(&used)
        #expect(used.embedding == fresh.embedding && used.speechProbability == 0 && used.heardSpeech == 0)
        #expect(encoder.run(frames, &used) == encoder.run(frames, &fresh))
        #expect(encoder.probabilities(&used) == encoder.probabilities(&fresh))
    }

    @Test(arguments: SmallEncoders.architectures)
    func allActivationsAreFiniteForAnyInput(_ architecture: EncoderArchitecture) throws {
        let encoder = try SmallEncoders.encoder(architecture)
        var state = encoder.makeState()
        let hostile: [Float] = [
            .nan, .infinity, -.infinity, .greatestFiniteMagnitude, .leastNonzeroMagnitude,
        ]
        for value in hostile {
            _ = encoder.run(Array(repeating: value, count: 9 * architecture.inputCount), &state)
        }
        #expect(state.embedding.allSatisfy { $0.isFinite })
        #expect(encoder.probabilities(&state).allSatisfy { $0.isFinite })
    }

    @Test(.enabled(if: canCountAllocations), arguments: SmallEncoders.architectures)
    func stepsDoNotAllocate(_ architecture: EncoderArchitecture) throws {
        let encoder = try SmallEncoders.encoder(architecture)
        let frame = SmallEncoders.frames(1, of: architecture)
        var state = encoder.makeState()
        var result = [Float](repeating: 0, count: encoder.labelCount)
        let count = allocations {
            for _ in 0..<100 { _ = encoder.step(frame.span, &state) }
            var span = result.mutableSpan
            encoder.classProbabilities(of: &state, into: &span)
            encoder.resetPool(&state)
            encoder.reset(&state)
        }
        #expect(count == 0)
    }
}

extension EmotionEncoder {
    /// Steps over all frames `[T, inputCount]`; returns the embeddings and speech probabilities.
    func run(_ frames: [Float], _ state: inout State) -> (embeddings: [Float], speechProbabilities: [Float]) {
        var embeddings: [Float] = []
        var speech: [Float] = []
        for start in stride(from: 0, to: frames.count, by: inputCount) {
            if step(frames.span.extracting(start..<start + inputCount), &state) {
                embeddings += state.embedding
                speech.append(state.speechProbability)
            }
        }
        return (embeddings, speech)
    }

    func probabilities(_ state: inout State) -> [Float] {
        var result = [Float](repeating: 0, count: labelCount)
        var span = result.mutableSpan
        classProbabilities(of: &state, into: &span)
        return result
    }
}

extension EmotionEncoder {
    func attributes(_ state: inout State) -> (values: [Float], isClipped: Bool) {
        var result = [Float](repeating: 0, count: attributeCount)
        var span = result.mutableSpan
        let isClipped = attributes(of: &state, into: &span)
        return (result, isClipped)
    }
}

func largestDifference(_ a: [Float], _ b: [Float]) -> Float {
    zip(a, b).map { abs($0 - $1) }.max() ?? 0
}
