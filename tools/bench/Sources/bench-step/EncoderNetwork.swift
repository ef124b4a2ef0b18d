// SPDX-License-Identifier: Apache-2.0
import EmotionEncoder
import ModelBundle
import NeuralLayers

/// The daemon's encoder, with probabilities computed at every embedding.
final class EncoderNetwork: BenchNetwork {
    private let encoder: EmotionEncoder
    private var state: EmotionEncoder.State
    private(set) var probabilities: [Float]

    init(folder: String) throws {
        encoder = try EmotionEncoder(ModelFolder(path: folder))
        state = encoder.makeState()
        probabilities = Array(repeating: 0, count: encoder.labelCount)
    }

    var framesPerStep: Int { encoder.geometry.stride }
    var inputCount: Int { encoder.inputCount }

    func reset() { encoder.reset(&state) }

    func step(_ frames: [Float]) {
        for frame in 0..<framesPerStep {
            _ = encoder.step(frames.span.extracting(frame * inputCount..<(frame + 1) * inputCount), &state)
        }
        encoder.classProbabilities(of: &state, into: &probabilities)
    }
}
