// SPDX-License-Identifier: Apache-2.0
package import EmotionEvents
import Glibc

/// Measures level, noise floor and clipping of the sound.
///
/// One hop in, no allocation. The noise floor falls at once and rises slowly (2 dB a second), so that it follows
/// the quietest sound of the last seconds; the speech level is a mean over the hops with speech.
package struct SoundMeter {
    /// Amplitude that counts as full scale. Converters that clip do so a little below 1.
    package static let fullScale: Float = 0.999
    package static let silenceDecibels: Float = -120
    private static let floorRisePerHop: Float = 0.02
    /// Decay of ``recentDecibels``, 20 dB a second: consonants and pauses between words do not count as silence.
    private static let decayPerHop: Float = 0.2
    /// Weight of a hop in the power behind ``recentDecibels``: 50 ms, so that a click does not count.
    private static let hopWeight: Float = 0.2
    private static let minimumFloorDecibels: Float = -90

    /// Level of the last hop, decibels relative to full scale, -120...0.
    package private(set) var levelDecibels = silenceDecibels
    /// Level of the loudest sound of the last moments, decibels relative to full scale, -120...0.
    package private(set) var recentDecibels = silenceDecibels
    private var recentPower: Float = 0
    /// Samples of the last hop at full scale.
    package private(set) var clippedInHop = 0
    /// Samples at full scale, and all samples, since the last ``beginUtterance()``.
    package private(set) var clippedInUtterance = 0
    package private(set) var samplesInUtterance = 0
    private var floorDecibels: Float?
    private var speechPower: Float = 0
    private var speechHops: Float = 0

    /// A meter before any audio.
    package init() {}

    /// Processes one hop of samples, raw and after the high-pass.
    ///
    /// Clipping is counted in the first; level and noise floor are those of the second, so that offset, rumble and
    /// hum do not count as noise.
    package mutating func step(_ hop: Span<Float>, filtered: Span<Float>) {
        var power: Float = 0
        var clipped = 0
        for index in hop.indices {
            power += filtered[index] * filtered[index]
            if abs(hop[index]) >= Self.fullScale { clipped += 1 }
        }
        let mean = power / Float(max(1, hop.count))
        levelDecibels = Self.decibels(power: mean)
        recentPower += Self.hopWeight * (mean - recentPower)
        recentDecibels = max(Self.decibels(power: recentPower), recentDecibels - Self.decayPerHop)
        clippedInHop = clipped
        clippedInUtterance += clipped
        samplesInUtterance += hop.count
        followFloor()
    }

    /// A power, full scale 1, in decibels: -120...0.
    static func decibels(power: Float) -> Float {
        min(0, max(silenceDecibels, 10 * log10f(max(power, 1e-12))))
    }

    /// Marks the last hop as speech.
    package mutating func heardSpeech() {
        speechPower += powf(10, levelDecibels / 10)
        speechHops += 1
    }

    /// Clears the speech level and clipping of the previous utterance.
    package mutating func beginUtterance() {
        clippedInUtterance = 0
        samplesInUtterance = 0
        speechPower = 0
        speechHops = 0
    }

    /// Share of the utterance's samples at full scale, 0...1.
    package var clippedShare: Float { Float(clippedInUtterance) / Float(max(1, samplesInUtterance)) }

    /// Level of the utterance's speech above the noise floor, decibels, 0...80; 0 before any speech.
    package var signalToNoiseDecibels: Float {
        guard speechHops > 0, let floorDecibels else { return 0 }
        return min(80, max(0, 10 * log10f(speechPower / speechHops) - floorDecibels))
    }

    /// Level of the last hop above the noise floor, decibels, 0...120.
    package var overFloorDecibels: Float { floorDecibels.map { max(0, levelDecibels - $0) } ?? 0 }

    /// The values that an estimate reports.
    package var quality: SoundQuality {
        SoundQuality(
            levelDecibels: levelDecibels,
            signalToNoiseDecibels: signalToNoiseDecibels,
            isClipping: clippedInHop > 0
        )
    }

    private mutating func followFloor() {
        let level = max(levelDecibels, Self.minimumFloorDecibels)
        floorDecibels = floorDecibels.map { min(level, $0 + Self.floorRisePerHop) } ?? level
    }
}
