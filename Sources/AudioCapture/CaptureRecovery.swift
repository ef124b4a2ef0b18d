// SPDX-License-Identifier: Apache-2.0
package import EmotionEvents

/// Decides what capture does next: open, read, wait or idle. Pure: its input is events with their times;
/// `CaptureLoop` carries out its decisions.
///
///     starting ──sound──► open ──1 s without sound──► stalled ──2 s more──► opened again
///         │                 │ ▲                           │
///       fails             fails └─────────sound───────────┘
///         ▼                 ▼
///     no_device           lost       tried again without end, at increasing intervals
///
/// After a failure a device counts as `open` when it delivers samples, not when it can be opened. Otherwise a
/// device that opens and fails, or opens and stays silent, would report a recovery each time.
package struct CaptureRecovery: Sendable {
    /// Event of the source, or request of the owner.
    package enum Event: Sendable {
        /// The device was opened. No samples have arrived yet.
        case opened
        /// Samples arrived.
        case delivered
        /// One `read` timed out without samples.
        case nothing
        /// No samples came, and the device reports that it is suspended.
        case suspended
        /// Opening or reading failed.
        case failed
        /// The source ended, or capture was stopped.
        case ended
        /// The user muted capture (`isMuted`), or no client needs sound.
        case quieted(isMuted: Bool)
        /// Sound is wanted again, or from another device.
        case wanted
    }

    /// Next action of capture.
    package enum Action: Equatable, Sendable {
        /// Open the device.
        case open
        /// Read from it.
        case read
        /// Close it, wait, and open it again.
        case reopen(afterMilliseconds: Int)
        /// Keep it closed until sound is wanted.
        case idle
        /// There is nothing left to do.
        case end
    }

    /// Time without a sample after which a device counts as stalled.
    package static let stallNanoseconds: Int64 = 1_000_000_000
    /// Time without a sample after which a device is opened again, later at longer intervals. It is less than
    /// the age at which samples are skipped as stale: samples after a longer silence come from a newly opened
    /// device and are new.
    private static let firstPatience: Int64 = 1_800_000_000
    private static let longestPatience: Int64 = 30_000_000_000

    package private(set) var state = CaptureCondition.starting
    /// Time before the next attempt to open; 0 while nothing has failed.
    package private(set) var retryMilliseconds = 0
    private let isLive: Bool
    private var wasThere = false
    /// Time at which the newest samples arrived, in nanoseconds on the monotonic clock.
    private(set) var lastSample: Int64 = 0
    private var opened: Int64 = 0
    private var patience = Self.firstPatience
    private var failingSince: Int64?

    /// Creates the initial state. A source that is not live is never tried again.
    package init(isLive: Bool = true) { self.isLive = isLive }

    /// Action after `event`, which happened at `now` (nanoseconds, monotonic).
    package mutating func step(_ event: Event, at now: Int64) -> Action {
        switch event {
        case .opened: return open(at: now)
        case .delivered: return deliver(at: now)
        case .nothing: return wait(at: now)
        case .suspended: return sleep(at: now)
        case .failed: return fail(at: now)
        case .ended:
            state = .idle
            return .end
        case .quieted(let isMuted):
            self = CaptureRecovery(isLive: isLive)
            state = isMuted ? .muted : .idle
            return .idle
        case .wanted:
            self = CaptureRecovery(isLive: isLive)
            return .open
        }
    }

    /// State for another thread that reads it at `now`: a capture thread that hangs inside a driver cannot
    /// report that itself.
    static func seen(_ state: CaptureCondition, lastSample: Int64, now: Int64) -> CaptureCondition {
        state == .open && now - lastSample >= stallNanoseconds ? .stalled : state
    }
}

extension CaptureRecovery {
    private mutating func open(at now: Int64) -> Action {
        opened = now
        wasThere = true
        if state == .starting {
            state = .open
            lastSample = now
        }
        return .read
    }

    private mutating func deliver(at now: Int64) -> Action {
        lastSample = now
        retryMilliseconds = 0
        patience = Self.firstPatience
        failingSince = nil
        state = .open
        return .read
    }

    private mutating func wait(at now: Int64) -> Action {
        let silence = now - max(lastSample, opened)
        if isLive, silence >= Self.stallNanoseconds { state = .stalled }
        return isLive && silence >= patience ? openAnew() : .read
    }

    private mutating func sleep(at now: Int64) -> Action {
        state = .suspended
        return now - max(lastSample, opened) >= patience ? openAnew() : .read
    }

    private mutating func openAnew() -> Action {
        patience = min(2 * patience, Self.longestPatience)
        return .reopen(afterMilliseconds: 0)
    }

    private mutating func fail(at now: Int64) -> Action {
        if !isLive { return .end }
        state = wasThere ? .lost : .noDevice
        let since = failingSince ?? now
        failingSince = since
        retryMilliseconds = Self.delay(failingFor: now - since)
        return .reopen(afterMilliseconds: retryMilliseconds)
    }

    /// A restarted server is back within seconds and should be used at once; a microphone that is unplugged
    /// for a night should cost nothing. (`DeviceFolderWatch` ends the wait early if it detects a change.)
    private static func delay(failingFor nanoseconds: Int64) -> Int {
        switch nanoseconds {
        case ..<1_000_000_000: 100
        case ..<15_000_000_000: 250
        case ..<60_000_000_000: 1_000
        default: 2_000
        }
    }
}
