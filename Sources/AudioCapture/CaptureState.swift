// SPDX-License-Identifier: Apache-2.0

/// What capture is doing, in the words of the protocol.
public enum CaptureState: String, CaseIterable, Sendable {
    /// Opening the source for the first time.
    case starting
    /// Samples arrive.
    case open
    /// Nothing to capture for: nobody subscribes, the input has ended, or capture was stopped.
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
