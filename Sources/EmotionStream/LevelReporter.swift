// SPDX-License-Identifier: Apache-2.0
import EmotionEvents
import Glibc

/// Measures level and peak of each twentieth of a second, for a level meter.
struct LevelReporter: HopMeter {
    private static let intervalSamples = audioClockRate / 20
    private var power: Float = 0
    private var peak: Float = 0
    private var sampleCount = 0

    /// Adds one hop of samples: the peak is that of the raw ones, the level that of the filtered ones.
    mutating func hear(_ hop: Span<Float>, filtered: Span<Float>) {
        for index in hop.indices {
            power += filtered[index] * filtered[index]
            peak = max(peak, abs(hop[index]))
        }
        sampleCount += hop.count
    }

    /// The level of the interval, once it is over.
    mutating func take(speechProbability: Float, now: Int64) -> SoundLevel? {
        guard sampleCount >= Self.intervalSamples else { return nil }
        defer { self = LevelReporter() }
        return SoundLevel(
            levelDecibels: SoundMeter.decibels(power: power / Float(sampleCount)),
            peakDecibels: SoundMeter.decibels(power: peak * peak),
            isClipping: peak >= SoundMeter.fullScale,
            speechProbability: speechProbability,
            sample: now
        )
    }
}
