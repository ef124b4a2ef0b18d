// SPDX-License-Identifier: Apache-2.0
import EmotionStream
import Glibc

/// Figures of a recording that tell a good microphone from a muted or an overdriven one.
package struct SoundCharacter: Sendable, Equatable {
    let levelDecibels: Double
    let peakDecibels: Double
    /// The mean of all samples, full scale 1.
    let offset: Double
    /// Share of samples at full scale.
    let clippedShare: Double
    /// Every sample is exactly 0, as no microphone's is.
    let isDigitalSilence: Bool

    package init(_ samples: [Float]) {
        let count = Double(max(1, samples.count))
        let power = samples.reduce(0.0) { $0 + Double($1) * Double($1) } / count
        let peak = samples.reduce(Float(0)) { max($0, abs($1)) }
        levelDecibels = max(-120, 10 * log10(max(power, 1e-12)))
        peakDecibels = max(-120, 20 * log10(max(Double(peak), 1e-6)))
        offset = samples.reduce(0.0) { $0 + Double($1) } / count
        clippedShare = Double(samples.count { abs($0) >= SoundMeter.fullScale }) / count
        isDigitalSilence = peak == 0
    }
}
