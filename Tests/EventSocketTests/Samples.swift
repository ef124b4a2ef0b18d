// SPDX-License-Identifier: Apache-2.0
import EmotionEvents

extension Estimate {
    /// An estimate such as the pipeline makes, one each 250 ms.
    static func sample(
        sequence: Int = 0,
        verdict: Verdict = .label(1),
        stable: Int? = 1,
        confidence: Float = 0.7,
        isFinal: Bool = false,
        endSample: Int64? = nil,
        arousal: Float = 1,
        classCount: Int = 3,
        generation: UInt64 = 0
    ) -> Estimate {
        var probabilities = [Float](repeating: 0, count: classCount)
        let top = verdict.label ?? 0
        for index in 0..<classCount {
            probabilities[index] = index == top ? confidence : (1 - confidence) / 2
        }
        let end = endSample ?? Int64(sequence + 1) * 4_000
        return Estimate(
            sequence: UInt64(sequence),
            utterance: 3,
            revision: 5,
            isFinal: isFinal,
            startSample: end - 4_000,
            endSample: end,
            wallNanoseconds: 1_795_214_413_750_000_000,
            verdict: verdict,
            probabilities: ClassProbabilities(probabilities.span),
            heardMilliseconds: 480,
            stable: stable.map { StableLabel(label: $0, forMilliseconds: 500) },
            quality: SoundQuality(levelDecibels: -23.4, signalToNoiseDecibels: 18.2, isClipping: false),
            lagMilliseconds: 11.8,
            attributes: AttributeValues([arousal], isClipped: arousal == 1),
            generation: generation
        )
    }
}

extension Estimate {
    /// An estimate outside of speech.
    static var silence: Estimate {
        var estimate = sample(verdict: .none(.noSpeech), stable: nil)
        estimate.utterance = nil
        return estimate
    }
}
