// SPDX-License-Identifier: Apache-2.0
import EmotionEvents
import Glibc

/// A synthetic voice, for tests of the whole path on a machine without microphone and recordings. It always has the
/// same samples.
///
/// A train of pulses with rising and falling pitch, filtered by three resonances: four syllables a second, in phrases
/// with pauses between them. Reference: Klatt 1980, doi:10.1121/1.383940, reduced to its cascade of three formants.
package enum SyntheticVoice {
    /// Formant frequencies in hertz of a, e, i, o, u.
    private static let vowels: [[Double]] = [
        [730, 1_090, 2_440], [530, 1_840, 2_480], [270, 2_290, 3_010], [570, 840, 2_410], [300, 870, 2_240],
    ]
    private static let bandwidthsHz = [80.0, 90, 120]
    private static let rate = Double(audioClockRate)
    private static let syllableSeconds = 0.25
    /// A phrase with its pause; the pause is long enough to end an utterance.
    private static let phraseSeconds = 2.5
    private static let spokenSeconds = 1.5

    /// `seconds` of voice at 16 kHz, at most a quarter of full scale.
    package static func samples(seconds: Double) -> [Float] {
        var tract = bandwidthsHz.map { Resonator(bandwidthHz: $0 / rate) }
        var phase = 0.0
        var voice = (0..<Int(seconds * rate)).map { index -> Double in
            let time = Double(index) / rate
            phase += pitchHz(time) / rate
            let isPulse = phase >= 1
            if isPulse { phase -= 1 }
            let formants = vowels[Int(time / syllableSeconds) * 2 % vowels.count]
            var sample = isPulse ? loudness(time) : 0
            for index in tract.indices {
                sample = tract[index].step(sample, frequencyHz: formants[index] / rate)
            }
            return sample
        }
        let largest = voice.reduce(1e-9) { max($0, abs($1)) }
        for index in voice.indices { voice[index] *= 0.25 / largest }
        return voice.map(Float.init)
    }

    private static func pitchHz(_ time: Double) -> Double {
        150 + 40 * sin(2 * .pi * 0.7 * time) + 12 * sin(2 * .pi * 3.1 * time)
    }

    private static func loudness(_ time: Double) -> Double {
        let place = time.truncatingRemainder(dividingBy: phraseSeconds)
        guard place > 0.4, place < 0.4 + spokenSeconds else { return 0 }
        let syllable = (place / syllableSeconds).truncatingRemainder(dividingBy: 1)
        return 0.25 + 0.75 * sin(.pi * syllable)
    }

    /// A pole pair: one formant. Frequencies are fractions of the sample rate.
    private struct Resonator {
        private let radius: Double
        private var last = 0.0
        private var beforeLast = 0.0

        init(bandwidthHz: Double) { radius = exp(-.pi * bandwidthHz) }

        mutating func step(_ sample: Double, frequencyHz: Double) -> Double {
            let feedback = 2 * radius * cos(2 * .pi * frequencyHz)
            let output = (1 - radius) * sample + feedback * last - radius * radius * beforeLast
            (beforeLast, last) = (last, output)
            return output
        }
    }
}
