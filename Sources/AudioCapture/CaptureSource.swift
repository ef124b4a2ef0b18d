// SPDX-License-Identifier: Apache-2.0

/// Where sound comes from: a microphone, a file, a pipe, a formula.
///
/// The contract, which every source keeps and ``CaptureThread`` and ``SampleReader`` rely on:
///
/// - **Thread.** `open`, `read` and `close` are called by one thread, never at the same time. `interrupt` may be
///   called by any thread at any time.
/// - **Order.** `open`, then any number of `read`, then `close`; after `close` a new `open` is allowed, and that
///   is how a device that failed is tried again. `close` is harmless when nothing is open.
/// - **Time.** `read` returns within ``readPatienceMilliseconds`` whatever the device does. `open` may take
///   longer, but gives up soon after `interrupt`.
/// - **Memory.** `open` may allocate, `read` does not, except to describe a failure.
/// - **After a failure.** `read` that returned `failed` or `ended` is not called again before a new `open`.
///
/// To add a source, copy `ToneCapture`, which does nothing but keep this contract, and give it a word in
/// `DeviceSpecifier`.
public protocol CaptureSource: AnyObject {
    /// How this source is named on the command line, in status lines and in error messages.
    var name: String { get }

    /// The device that is open, named in the same way: another one than ``name`` where that leaves the choice to
    /// somebody else, as `default` does.
    var deviceName: String { get }

    /// True for a source that goes on whether or not we listen: what finds no room is lost, and counted.
    /// False for one that can wait: nothing of it is ever lost.
    var isLive: Bool { get }

    /// Whether `open` has what it needs to know its format; waits for that no longer than
    /// ``readPatienceMilliseconds``. A thread that has other things to look after asks before it opens.
    func isReadyToOpen() -> Bool

    /// Makes the source ready and says what its bytes will be.
    func open() throws(CaptureError) -> CaptureFormat

    /// Copies sound to the beginning of `buffer`: raw PCM in the format that `open` returned, not necessarily
    /// whole PCM frames.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> CaptureRead

    /// Makes an `open` that waits give up. It lasts: an interrupted source is not used again.
    func interrupt()

    /// Gives the device back.
    func close()
}

extension CaptureSource {
    /// A source that means just one device.
    public var deviceName: String { name }

    /// The longest that `read` waits for sound.
    public static var readPatienceMilliseconds: Int32 { 100 }

    /// True for a source that knows its format by itself.
    public func isReadyToOpen() -> Bool { true }

    /// Nothing to do for a source whose `open` never waits.
    public func interrupt() {}
}

/// What one `read` of a source brought.
public enum CaptureRead: Sendable {
    /// This many bytes of sound, at least one.
    case bytes(Int)
    /// No sound within the patience of `read`; the source still stands.
    case nothing
    /// No sound, because the system or the sound server has suspended the device.
    case suspended
    /// No sound, because the server has moved us to another device, which ``CaptureSource/deviceName`` tells.
    case moved
    /// The device lost this many PCM frames and goes on. Zero when it does not know how many.
    case lost(Int)
    /// The source came to its end, and all of it was delivered.
    case ended
    /// The source stopped working.
    case failed(CaptureError)
}
