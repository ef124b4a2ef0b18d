// SPDX-License-Identifier: Apache-2.0
package import EmotionEncoder
package import EmotionEvents

/// Finds sounds without words: laughs, cries, coughs and screams.
///
/// Each sound from ``SoundGate`` is pooled as a whole, like an utterance, but without speech weights; a head of the
/// model then classifies it as one of these kinds or as something else.
///
/// - Thread: one at a time. Nothing is allocated after `init`.
package struct VocalTracker: Sendable {
    private var gate = SoundGate()
    private var probabilities: [Float]
    private var vector: [Float]
    // By output index; nil for a kind that is not reported or not known to this program.
    private let kinds: [VocalSound.Kind?]
    private let threshold: Float
    private let samplesPerStep: Int64

    /// A tracker for a model; one without the head finds nothing.
    package init(_ encoder: EmotionEncoder, samplesPerEmbedding: Int) {
        let vocal = encoder.configuration.vocal
        kinds = (vocal?.kinds ?? []).map { name in
            let isReported = vocal?.reported?.contains(name) ?? true
            return VocalSound.Kind.allCases.first { isReported && "\($0.word)" == name }
        }
        probabilities = Array(repeating: 0, count: 1 + kinds.count)
        vector = Array(repeating: 0, count: encoder.pooledCount)
        threshold = vocal?.threshold ?? 1
        samplesPerStep = Int64(samplesPerEmbedding)
    }

    /// Processes the newest embedding and returns the sound that it ended, if that was classified.
    package mutating func step(
        _ encoder: EmotionEncoder,
        _ state: inout EmotionEncoder.State,
        _ meter: SoundMeter,
        now: Int64
    ) -> VocalSound? {
        guard case .ended(let sound) = cut(encoder, &state, meter, now: now) else { return nil }
        return name(sound, encoder, &state)
    }

    /// Processes the newest embedding and returns the pooled vector `[pooledCount]` of the sound that it ended, for training.
    package mutating func stepForTraining(
        _ encoder: EmotionEncoder,
        _ state: inout EmotionEncoder.State,
        _ meter: SoundMeter,
        now: Int64
    ) -> [Float]? {
        guard case .ended = cut(encoder, &state, meter, now: now) else { return nil }
        encoder.copySound(state, into: &vector)
        return vector
    }

    private mutating func cut(
        _ encoder: EmotionEncoder,
        _ state: inout EmotionEncoder.State,
        _ meter: SoundMeter,
        now: Int64
    ) -> SoundGate.Change? {
        let change = gate.step(
            decibels: meter.levelDecibels,
            overFloor: meter.overFloorDecibels,
            samples: max(0, now - samplesPerStep)..<now
        )
        if change == .began { encoder.resetSound(&state) }
        if gate.isInSound { encoder.stepSound(&state) }
        return change
    }

    private mutating func name(
        _ sound: Range<Int64>,
        _ encoder: EmotionEncoder,
        _ state: inout EmotionEncoder.State
    ) -> VocalSound? {
        encoder.vocalProbabilities(of: &state, into: &probabilities)
        var best = 0
        for index in probabilities.indices where probabilities[index] > probabilities[best] { best = index }
        guard best > 0, probabilities[best] >= threshold, let kind = kinds[best - 1] else { return nil }
        return VocalSound(
            kind: kind,
            startSample: sound.lowerBound,
            endSample: sound.upperBound,
            probability: probabilities[best]
        )
    }

    /// Discards the current sound.
    package mutating func reset() {
        gate.reset()
        for i in probabilities.indices { probabilities[i] = 0 }
        for i in vector.indices { vector[i] = 0 }
    }
}
