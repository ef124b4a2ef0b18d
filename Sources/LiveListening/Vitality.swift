// SPDX-License-Identifier: Apache-2.0

/// Decides whether the daemon does what it is for, from counters read now and then: what a watchdog must know. Pure.
///
/// A timer that fires proves that there is a timer. Here the inference thread must have come round, sound that waits
/// must have been heard, and the socket thread must have answered. A device that delivers nothing is no fault of the
/// daemon: its state says so, and a restart would mend nothing.
public struct Vitality: Sendable {
    /// What is looked at.
    public struct Signs: Sendable, Equatable {
        /// How often the inference thread came round.
        public var turns: UInt64
        /// Samples that went through the network, or were skipped.
        public var handledSamples: Int64
        /// Samples that wait for it.
        public var waitingSamples: Int64
        /// How often the socket thread has answered.
        public var beats: UInt64

        /// Signs from counters.
        public init(turns: UInt64, handledSamples: Int64, waitingSamples: Int64, beats: UInt64) {
            self.turns = turns
            self.handledSamples = handledSamples
            self.waitingSamples = waitingSamples
            self.beats = beats
        }
    }

    private var last: Signs?

    /// Nothing seen yet.
    public init() {}

    /// True if all counters went on since the last call, and at the first call.
    public mutating func isHealthy(_ signs: Signs) -> Bool {
        defer { last = signs }
        guard let last else { return true }
        let isHeard = last.waitingSamples == 0 || signs.handledSamples > last.handledSamples
        return signs.turns > last.turns && isHeard && signs.beats > last.beats
    }
}
