// SPDX-License-Identifier: Apache-2.0

/// Tells audio that comes late from audio that never comes. Pure.
///
/// A burst after a pause may be either: a server that was held up delivers all of it, late; a microphone that was
/// suspended delivers only what is new. The counter of samples cannot tell them apart, and neither reports an
/// overrun. What tells them apart is time: a backlog is worked off within a moment, whereas samples that are missing
/// keep every later one behind the clock for good.
///
/// So the watch keeps the moment at which sample 0 would have been at the microphone had nothing ever been late, and
/// looks at the *least* lateness of each half second. What it cannot explain by drift of the device's clock has never
/// been delivered. While the lateness still falls, a backlog is being worked off, however slowly, and nothing is judged.
/// (After a device was closed there can be no backlog, and the answer comes at once.)
package struct ArrivalWatch: Sendable {
    private static let nanosecondsPerSample: Int64 = 62_500
    private static let windowNanoseconds: Int64 = 500_000_000
    private static let fewestArrivals = 8
    /// A smaller hole than this is a period that came late.
    private static let smallestHole: Int64 = 80_000_000
    /// How far the clocks of device and machine may drift apart in a window: 500 parts in a million.
    private static let drift: Int64 = windowNanoseconds / 2_000

    private var origin: Int64?
    private var isFresh = false
    private var windowStart: Int64 = 0
    private var arrivals = 0
    private var least = Int64.max
    private var greatest: Int64 = 0
    /// How late the newest samples are, in nanoseconds.
    package private(set) var lateness: Int64 = 0

    /// Nothing has arrived yet.
    package init() {}

    /// The device was opened: what it delivers next is new.
    package mutating func opened() { isFresh = true }

    /// Sound is wanted again, and what was not listened to is not missed.
    package mutating func restart() { self = ArrivalWatch() }

    /// Samples arrived at `now` and brought the stream to `position`, lost and missing ones included.
    ///
    /// - Returns: samples that are missing, as the clock tells it; to be counted into the next `position`.
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

    /// Takes `lateness` for what it is by now: a hole, or the two clocks' drift.
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
