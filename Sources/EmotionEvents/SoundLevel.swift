// SPDX-License-Identifier: Apache-2.0

/// Loudness and speech probability of the last twentieth of a second, for a level meter.
public struct SoundLevel: BitwiseCopyable, Sendable, Equatable {
    /// Root mean square of the interval, decibels relative to full scale, -120...0.
    public var levelDecibels: Float
    /// The largest sample of the interval, decibels relative to full scale, -120...0.
    public var peakDecibels: Float
    /// True when samples of the interval reached full scale.
    public var isClipping: Bool
    /// Current output of the speech head, 0...1, before any threshold.
    public var speechProbability: Float
    /// One past the last sample of the interval, on the audio clock.
    public var sample: Int64

    /// Creates a level from all its parts.
    public init(
        levelDecibels: Float,
        peakDecibels: Float,
        isClipping: Bool,
        speechProbability: Float,
        sample: Int64
    ) {
        self.levelDecibels = levelDecibels
        self.peakDecibels = peakDecibels
        self.isClipping = isClipping
        self.speechProbability = speechProbability
        self.sample = sample
    }
}
