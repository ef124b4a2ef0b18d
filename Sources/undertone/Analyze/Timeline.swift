// SPDX-License-Identifier: Apache-2.0
package import EmotionEvents
import Glibc

/// The course of one recording: its outline, speech, and probabilities over time, for pictures.
///
/// 20 ms of sound take 5 bytes, so ten hours take 9 MB.
package struct Timeline: Sendable {
    /// Samples in a block, 20 ms.
    static let blockSamples = 320
    /// Blocks in a second.
    package static let blocksPerSecond = 50

    /// Loudest sample of each block, 0...255 for 0...1.
    package private(set) var peaks: [UInt8] = []
    /// Times at which speech starts and ends, in turn, in milliseconds.
    package private(set) var speechEdges: [Int] = []
    /// Times of the labelled estimates in milliseconds.
    package private(set) var times: [UInt32] = []
    /// The probabilities of each of them, label after label, 0...255.
    package private(set) var probabilities: [UInt8] = []
    private var powers: [Float] = []
    private var peak: Float = 0
    private var sum: Float = 0
    private var filled = 0

    /// An empty timeline.
    package init() {}

    /// Takes the next samples, 16 kHz.
    package mutating func add(_ samples: Span<Float>) {
        for index in samples.indices {
            peak = max(peak, abs(samples[index]))
            sum += samples[index] * samples[index]
            filled += 1
            if filled == Self.blockSamples { endBlock() }
        }
    }

    /// Takes the end of the recording.
    package mutating func finish(duration: Double) {
        if filled > 0 { endBlock() }
        if speechEdges.count % 2 == 1 { speechEdges.append(Int(duration * 1_000)) }
    }

    /// Takes an event of the pipeline.
    package mutating func add(_ event: EmotionEvent) {
        switch event {
        case .voiceActivity(let isSpeech, let sample, _, _) where isSpeech == (speechEdges.count % 2 == 0):
            speechEdges.append(Int(sample * 1_000 / Int64(audioClockRate)))
        case .estimate(let estimate): add(estimate)
        case .utteranceEnded(_, _, let final):
            replaceEstimates(after: final)
            add(final)
        default: break
        }
    }

    /// Drops estimates of the utterance that its final one, which covers speech only, ends before.
    private mutating func replaceEstimates(after final: Estimate) {
        guard final.verdict.label != nil else { return }
        let end = UInt32(clamping: final.endSample * 1_000 / Int64(audioClockRate))
        while let last = times.last, last >= end, probabilities.count >= final.probabilities.count {
            times.removeLast()
            probabilities.removeLast(final.probabilities.count)
        }
    }

    private mutating func add(_ estimate: Estimate) {
        let time = UInt32(clamping: estimate.endSample * 1_000 / Int64(audioClockRate))
        guard estimate.verdict.label != nil, time > times.last ?? 0 else { return }
        times.append(time)
        for label in 0..<estimate.probabilities.count {
            probabilities.append(Self.byte(estimate.probabilities[label]))
        }
    }

    /// Mean level between two samples in decibels relative to full scale, -120...0.
    func level(from start: Int64, to end: Int64) -> Double {
        let first = max(0, Int(start) / Self.blockSamples)
        let last = min(powers.count, Int(end) / Self.blockSamples + 1)
        guard first < last else { return -120 }
        let power = powers[first..<last].reduce(0, +) / Float(last - first)
        return Double(decibels(power))
    }

    private mutating func endBlock() {
        peaks.append(Self.byte(peak))
        powers.append(sum / Float(filled))
        (peak, sum, filled) = (0, 0, 0)
    }

    private static func byte(_ value: Float) -> UInt8 {
        value.isFinite ? UInt8(clamping: Int((min(max(0, value), 1) * 255).rounded())) : 0
    }
}

/// The level of a mean power, -120...0.
private func decibels(_ power: Float) -> Float {
    power.isFinite && power > 0 ? min(0, max(-120, 10 * log10(power))) : -120
}
