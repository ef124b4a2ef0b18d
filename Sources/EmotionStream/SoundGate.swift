// SPDX-License-Identifier: Apache-2.0

/// Cuts what is heard into sounds by their level over the noise floor, whether they are speech or not.
///
/// A sound begins when a step stands well over the floor and ends when it has been near the floor for a while, or when
/// it is long. Nothing is allocated.
package struct SoundGate: Sendable {
    /// What a step brought about.
    package enum Change: Sendable, Equatable {
        /// The step belongs to a new sound.
        case began
        /// The sound is over; it was long enough to be judged.
        case ended(Range<Int64>)
        /// The sound is over and too short.
        case dropped
    }

    /// Level over the floor at which a sound begins, and below which it may end, in decibels.
    static let (onsetDecibels, offsetDecibels): (Float, Float) = (15, 9)
    /// A sound this quiet is none, in decibels relative to full scale.
    static let minimumDecibels: Float = -65
    /// Quiet after which a sound is over, its shortest and its longest length, in samples at 16 kHz.
    static let (quiet, shortest, longest): (Int64, Int64, Int64) = (3_840, 3_840, 48_000)

    private var start: Int64?
    private var lastLoud: Int64 = 0

    /// No sound yet.
    package init() {}

    /// Whether the newest step belongs to a sound.
    package var isInSound: Bool { start != nil }

    /// Takes a step: its level in decibels relative to full scale, that level over the floor, and its samples.
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

    /// Forgets the sound that is going on.
    package mutating func reset() { start = nil }
}
