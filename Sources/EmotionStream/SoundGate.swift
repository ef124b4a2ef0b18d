// SPDX-License-Identifier: Apache-2.0

/// Splits audio into sounds by their level above the noise floor, speech or not.
///
/// A sound begins when a step is far above the floor and ends when it has been near the floor for a while, or when
/// it is too long. Nothing is allocated.
package struct SoundGate: Sendable {
    /// Result of a step.
    package enum Change: Sendable, Equatable {
        /// The step belongs to a new sound.
        case began
        /// The sound is over; it is long enough to classify.
        case ended(Range<Int64>)
        /// The sound is over and too short.
        case dropped
    }

    /// Level above the floor at which a sound begins, and below which it may end, in decibels.
    static let (onsetDecibels, offsetDecibels): (Float, Float) = (15, 9)
    /// Level below which no sound begins, in decibels relative to full scale.
    static let minimumDecibels: Float = -65
    /// Length of quiet that ends a sound, and the shortest and longest sound, in samples at 16 kHz.
    static let (quiet, shortest, longest): (Int64, Int64, Int64) = (3_840, 3_840, 48_000)

    private var start: Int64?
    private var lastLoud: Int64 = 0

    /// No sound yet.
    package init() {}

    /// True if the newest step belongs to a sound.
    package var isInSound: Bool { start != nil }

    /// Processes a step: its level in decibels relative to full scale, that level over the floor, and its samples.
    package mutating func step(decibels: Float, overFloor: Float, samples: Range<Int64>) -> Change? {
        guard let start else {
            guard overFloor >= Self.onsetDecibels, decibels >= Self.minimumDecibels else { return nil }
            (self.start, lastLoud) = (samples.lowerBound, samples.upperBound)
            return .began
        }
        if overFloor >= Self.offsetDecibels { lastLoud = samples.upperBound }
        let isOver = samples.upperBound - lastLoud >= Self.quiet || samples.upperBound - start >= Self.longest
        guard isOver else { return nil }
        self.start = nil
        return lastLoud - start >= Self.shortest ? .ended(start..<lastLoud) : .dropped
    }

    /// Discards the current sound.
    package mutating func reset() { start = nil }
}
