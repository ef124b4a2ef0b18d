// SPDX-License-Identifier: Apache-2.0

/// Distinguishes late audio from missing audio. Pure.
///
/// A burst after a pause may be either: a blocked server delivers all of the audio, late; a suspended
/// microphone delivers only new audio. The number of samples does not distinguish them, and neither reports
/// an overrun. Time does: a backlog is delivered within a moment, whereas after missing samples every later
/// sample stays behind the clock.
///
/// So the watch stores the time at which sample 0 would have been at the microphone without any delay, and
/// takes the *least* lateness of each half second. Lateness beyond the drift of the device's clock means
/// missing samples. While the lateness still falls, the device is delivering a backlog, however slowly, and
/// the watch waits. (After the device was closed there can be no backlog, and the result is immediate.)
package struct ArrivalWatch: Sendable {
    private static let nanosecondsPerSample: Int64 = 62_500
    private static let windowNanoseconds: Int64 = 500_000_000
    private static let fewestArrivals = 8
    /// Smallest hole that counts; a smaller one is a late period.
    private static let smallestHole: Int64 = 80_000_000
    /// Largest drift between the clocks of device and machine in a window: 500 parts in a million.
    private static let drift: Int64 = windowNanoseconds / 2_000

    private var origin: Int64?
    private var isFresh = false
    private var windowStart: Int64 = 0
    private var arrivals = 0
    private var least = Int64.max
    private var greatest: Int64 = 0
    /// Lateness of the newest samples, in nanoseconds.
    package private(set) var lateness: Int64 = 0

    /// Creates a watch before the first samples.
    package init() {}

    /// Notes that the device was opened: the next samples are new.
    package mutating func opened() { isFresh = true }

    /// Notes that sound is wanted again: the time without capture does not count as missing.
    package mutating func restart() { self = ArrivalWatch() }

    /// Notes that samples arrived at `now` and advanced the stream to `position`, including lost and missing
    /// ones.
    ///
    /// - Returns: missing samples, computed from the clock; include them in the next `position`.
    package mutating func arrived(position: Int64, at now: Int64) -> Int64 {
        let moment = now - position * Self.nanosecondsPerSample
        guard let origin, moment > origin else {
            self.origin = moment
            return judge(lateness: 0, at: now)
        }
        return judge(lateness: moment - origin, at: now)
    }

    private mutating func judge(lateness: Int64, at now: Int64) -> Int64 {
        self.lateness = lateness
        if isFresh {
            isFresh = false
            beginWindow(at: now)
            return settle(lateness)
        }
        arrivals += 1
        least = min(least, lateness)
        greatest = max(greatest, lateness)
        guard now - windowStart >= Self.windowNanoseconds, arrivals >= Self.fewestArrivals else { return 0 }
        defer { beginWindow(at: now) }
        if greatest - lateness >= Self.smallestHole { return 0 }
        return settle(least)
    }

    /// Attributes `lateness` to a hole or to the drift of the two clocks.
    private mutating func settle(_ late: Int64) -> Int64 {
        if late < Self.smallestHole {
            origin? += min(late, Self.drift)
            return 0
        }
        lateness -= late
        return late / Self.nanosecondsPerSample
    }

    private mutating func beginWindow(at now: Int64) {
        windowStart = now
        arrivals = 0
        least = .max
        greatest = 0
    }
}
