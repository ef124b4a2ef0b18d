// SPDX-License-Identifier: Apache-2.0

/// What capture is doing, in the words of the protocol.
public enum CaptureState: String, CaseIterable, Sendable {
    /// Opening the source for the first time.
    case starting
    /// Samples arrive.
    case open
    /// Nothing to capture for: the input has ended, or capture was stopped.
    case idle
    /// The device is open but has delivered nothing for a second.
    case stalled
    /// The system or the sound server put the device to sleep.
    case suspended
    /// The device was there and went away; it is tried again.
    case lost
    /// There is no such device yet; it is tried again.
    case noDevice = "no_device"
    /// Capture is switched off and the device released.
    case muted
}

/// Decides which state capture is in and when a device is tried again. Pure: it is told what happened and when,
/// and touches nothing.
package struct CaptureRecovery {
    /// After this long without a sample a device counts as stalled.
    static let stallNanoseconds: Int64 = 1_000_000_000
    private static let firstDelayMilliseconds = 100
    private static let longestDelayMilliseconds = 2_000

    package private(set) var state = CaptureState.starting
    /// How long to wait before the next attempt to open; 0 while nothing has failed.
    package private(set) var retryMilliseconds = 0
    private var lastSampleNanoseconds: Int64 = 0
    private var wasOpen = false

    /// Nothing has happened yet.
    package init() {}

    /// The device was opened.
    ///
    /// The delay stays until samples come: a device that opens and fails at once must not be tried in a frenzy.
    package mutating func opened(at now: Int64) {
        lastSampleNanoseconds = now
        wasOpen = true
        state = .open
    }

    /// Samples arrived.
    package mutating func delivered(at now: Int64) {
        lastSampleNanoseconds = now
        retryMilliseconds = 0
        state = .open
    }

    /// No samples arrived, though the device is open.
    package mutating func waited(at now: Int64) {
        if now - lastSampleNanoseconds >= Self.stallNanoseconds { state = .stalled }
    }

    /// The device is open, and says itself that it sleeps.
    package mutating func suspended() { state = .suspended }

    /// Opening or reading failed: the source is closed, and `retryMilliseconds` later tried again.
    package mutating func failed() {
        state = wasOpen ? .lost : .noDevice
        retryMilliseconds =
            retryMilliseconds == 0
            ? Self.firstDelayMilliseconds : min(2 * retryMilliseconds, Self.longestDelayMilliseconds)
    }

    /// The source came to its end, or capture was stopped.
    package mutating func ended() { state = .idle }

    /// The user switched capture off.
    package mutating func muted() {
        state = .muted
        retryMilliseconds = 0
    }

    /// The user switched capture on again.
    package mutating func unmuted() { state = .starting }
}
