// SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization

/// Says how old a sample is: the time from the microphone until now.
///
/// The two sides share one number, the moment at which sample 0 would have been heard had the stream run without
/// a break since the last push. At 16 kHz a sample lasts exactly 62,500 ns, so a position and its moment fit
/// together into one atomic word, and the reader never sees half of an update.
public final class CaptureClock: Sendable {
    /// The duration of a sample at 16 kHz.
    public static let nanosecondsPerSample: Int64 = 62_500
    private static let notStarted = Int64.min
    private let origin = Atomic<Int64>(CaptureClock.notStarted)

    /// A clock that has not started.
    public init() {}

    /// Notes how far the stream has come now. Capture thread, after each push.
    ///
    /// - Parameter pushedSamples: samples that were pushed or lost on the way, since the start.
    /// - Parameter delayNanoseconds: how long ago the newest sample was at the microphone, if the device knows.
    public func mark(pushedSamples: Int64, delayNanoseconds: Int64 = 0) {
        let newest = Self.nowNanoseconds() - delayNanoseconds
        origin.store(newest - pushedSamples * Self.nanosecondsPerSample, ordering: .releasing)
    }

    /// Seconds since the sample at `position` was at the microphone, as the last mark knows. Any thread.
    ///
    /// - Returns: nil before the first mark. Negative for a position that lies in the future.
    public func ageSeconds(ofSample position: Int64) -> Double? {
        let origin = origin.load(ordering: .acquiring)
        if origin == Self.notStarted { return nil }
        let heard = origin + position * Self.nanosecondsPerSample
        return Double(Self.nowNanoseconds() - heard) / 1e9
    }

    /// Nanoseconds on the clock that neither jumps nor follows the wall clock (`CLOCK_MONOTONIC`).
    public static func nowNanoseconds() -> Int64 {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
    }
}
