// SPDX-License-Identifier: Apache-2.0
package import EmotionEvents

/// Decides what capture does next: opens, reads, waits, rests. Pure: it is told what happened and when, and touches
/// nothing; `CaptureLoop` obeys.
///
///     starting ──sound──► open ──1 s without sound──► stalled ──2 s more──► opened anew
///         │                 │ ▲                           │
///       fails             fails └─────────sound───────────┘
///         ▼                 ▼
///     no_device           lost       tried again for ever, first soon, then more seldom
///
/// After trouble a device counts as `open` when it delivers, not when it can be opened: one that opens and fails, or
/// opens and stays silent, over and over, would otherwise tell its listeners of a recovery each time.
package struct CaptureRecovery: Sendable {
    /// What happened.
    package enum Event: Sendable {
        /// The device was opened. Nothing was heard yet.
        case opened
        /// Samples arrived.
        case delivered
        /// The patience of one `read` is over, and nothing came.
        case nothing
        /// Nothing came, and the device says that it sleeps.
        case suspended
        /// Opening or reading failed.
        case failed
        /// The source came to its end, or capture was stopped.
        case ended
        /// The user wants no sound (`isMuted`), or nobody listens.
        case quieted(isMuted: Bool)
        /// Sound is wanted again, or from another device.
        case wanted
    }

    /// What capture does next.
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

    /// After so long without a sample a device counts as stalled.
    package static let stallNanoseconds: Int64 = 1_000_000_000
    /// A device that stays silent is opened anew after so long, and then more seldom. Less than the age at which
    /// samples are skipped as stale: what comes after a longer silence comes from a device just opened, and is new.
    private static let firstPatience: Int64 = 1_800_000_000
    private static let longestPatience: Int64 = 30_000_000_000

    package private(set) var state = CaptureCondition.starting
    /// How long to wait before the next attempt to open; 0 while nothing has failed.
    package private(set) var retryMilliseconds = 0
    private let isLive: Bool
    private var wasThere = false
    /// When the newest samples arrived, nanoseconds on the monotonic clock.
    private(set) var lastSample: Int64 = 0
    private var opened: Int64 = 0
    private var patience = Self.firstPatience
    private var failingSince: Int64?

    /// Nothing has happened yet. A source that is not live is never tried again.
    package init(isLive: Bool = true) { self.isLive = isLive }

    /// What to do after `event`, which happened at `now` (nanoseconds, monotonic).
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

    /// The state as somebody else sees it who looks at `now`: a thread that hangs inside a driver cannot say itself
    /// that nothing arrives.
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

    /// A server that restarts is back within seconds and should be heard at once; a microphone that was taken away
    /// for the night should cost nothing. (Where a change can be noticed, `DeviceFolderWatch` cuts the wait short.)
    private static func delay(failingFor nanoseconds: Int64) -> Int {
        switch nanoseconds {
        case ..<1_000_000_000: 100
        case ..<15_000_000_000: 250
        case ..<60_000_000_000: 1_000
        default: 2_000
        }
    }
}
