// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation

/// A change that test clips go through before the streaming path.
protocol ClipCondition: Sendable {
    /// `samples`, the whole of `clip`, changed; the same in every run.
    func applied(to samples: [Float], of clip: Clip, sampleRate: Int) -> [Float]
}

/// Test clips cut to their speech, from its first to its last hop, with a margin.
struct TrimmedCondition: ClipCondition {
    /// Finds the speech.
    let marker: SpeechMarker
    /// Margin before and after the speech, in seconds.
    let marginSeconds = 0.05

    /// A clip without speech stays whole.
    func applied(to samples: [Float], of clip: Clip, sampleRate: Int) -> [Float] {
        let hop = sampleRate / 100
        let marks = marker.mark(samples, hop: hop, sampleRate: sampleRate)
        guard let first = marks.firstIndex(of: true), let last = marks.lastIndex(of: true) else {
            return samples
        }
        let margin = Int(marginSeconds * Double(sampleRate))
        return Array(samples[max(0, first * hop - margin)..<min(samples.count, (last + 1) * hop + margin)])
    }
}

/// Test clips in noise: the same noise for the same clip in every run.
struct NoiseCondition: ClipCondition {
    /// Speech over noise, in decibels.
    let decibels: Double
    /// Noises that training has not heard.
    let bank: NoiseBank
    /// Finds the speech, whose level counts; silence around it must not make the noise weaker.
    let marker: SpeechMarker

    /// `samples` with noise all through.
    func applied(to samples: [Float], of clip: Clip, sampleRate: Int) -> [Float] {
        let hop = sampleRate / 100
        let marks = marker.mark(samples, hop: hop, sampleRate: sampleRate)
        let spoken = marks.indices.filter { marks[$0] }.flatMap { samples[$0 * hop..<($0 + 1) * hop] }
        let level = rootMeanSquare(spoken.isEmpty ? samples[...] : spoken[...])
        var random = SplitMix64(seed: 1, name: clip.name)
        var noisy = samples
        bank.add(to: &noisy, level: level * Float(pow(10, -decibels / 20)), using: &random)
        return noisy.map { max(-1, min(1, $0)) }
    }
}
