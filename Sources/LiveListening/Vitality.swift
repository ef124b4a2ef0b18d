// SPDX-License-Identifier: Apache-2.0

/// Decides if the daemon works, from counters that are read periodically; feeds the watchdog. Pure.
///
/// A timer alone would prove nothing. Here the inference thread must have made a turn, waiting samples must
/// have been processed, and the socket thread must have answered. A device that delivers nothing is not a
/// fault of the daemon: its state reports that, and a restart would not fix it.
public struct Vitality: Sendable {
    /// Counters that are compared.
    public struct Signs: Sendable, Equatable {
        /// Number of turns of the inference loop.
        public var turns: UInt64
        /// Samples that the network processed or skipped.
        public var handledSamples: Int64
        /// Samples that wait for the network.
        public var waitingSamples: Int64
        /// Number of answers of the socket thread.
        public var beats: UInt64

        /// Creates signs from counters.
        public init(turns: UInt64, handledSamples: Int64, waitingSamples: Int64, beats: UInt64) {
            self.turns = turns
            self.handledSamples = handledSamples
            self.waitingSamples = waitingSamples
            self.beats = beats
        }
    }

    private var last: Signs?

    /// Creates a check without earlier counters.
    public init() {}

    /// True if all counters went on since the last call, and at the first call.
    public mutating func isHealthy(_ signs: Signs) -> Bool {
        defer { last = signs }
        guard let last else { return true }
        let isHeard = last.waitingSamples == 0 || signs.handledSamples > last.handledSamples
        return signs.turns > last.turns && isHeard && signs.beats > last.beats
    }
}
