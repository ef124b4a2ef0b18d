// SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization

/// Computes the age of a sample: the time from the microphone until now.
///
/// The two sides share one number: the time of sample 0, extrapolated back from the last push without
/// breaks. At 16 kHz a sample lasts exactly 62,500 ns, so one atomic word
/// holds the relation of position and time, and the reader never sees half of an update.
public final class CaptureClock: Sendable {
    /// The duration of a sample at 16 kHz.
    public static let nanosecondsPerSample: Int64 = 62_500
    private static let notStarted = Int64.min
    private let origin = Atomic<Int64>(CaptureClock.notStarted)

    /// A clock that has not started.
    public init() {}

    /// Records the current position of the stream. Capture thread, after each push.
    ///
    /// - Parameter pushedSamples: samples pushed or lost since the start.
    /// - Parameter delayNanoseconds: age of the newest sample at the push, if the device reports it.
    public func mark(pushedSamples: Int64, delayNanoseconds: Int64 = 0) {
        let newest = Self.nowNanoseconds() - delayNanoseconds
        origin.store(newest - pushedSamples * Self.nanosecondsPerSample, ordering: .releasing)
    }

    /// Seconds since the sample at `position` was at the microphone, according to the last mark. Any thread.
    ///
    /// - Returns: nil before the first mark. Negative for a future position.
    public func ageSeconds(ofSample position: Int64) -> Double? {
        let origin = origin.load(ordering: .acquiring)
        if origin == Self.notStarted { return nil }
        let heard = origin + position * Self.nanosecondsPerSample
        return Double(Self.nowNanoseconds() - heard) / 1e9
    }

    /// Nanoseconds on `CLOCK_MONOTONIC`, which does not jump with the wall clock.
    public static func nowNanoseconds() -> Int64 {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
    }
}
