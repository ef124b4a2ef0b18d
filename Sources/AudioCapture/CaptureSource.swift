// SPDX-License-Identifier: Apache-2.0

/// Source of sound: a microphone, a file, a pipe, a formula.
///
/// Every source keeps this contract; ``CaptureThread`` and ``SampleReader`` rely on it:
///
/// - **Thread.** `open`, `read` and `close` are called by one thread, never at the same time. `interrupt` may be
///   called by any thread at any time.
/// - **Order.** `open`, then any number of `read`, then `close`; after `close` a new `open` is allowed; this
///   is how a failed device is tried again. `close` does nothing if nothing is open.
/// - **Time.** `read` returns within ``readPatienceMilliseconds`` whatever the device does. `open` may take
///   longer, but returns soon after `interrupt`.
/// - **Memory.** `open` may allocate, `read` does not, except to describe a failure.
/// - **After a failure.** `read` that returned `failed` or `ended` is not called again before a new `open`.
///
/// To add a source, copy `ToneCapture`, which only keeps this contract, and add a case to `DeviceSpecifier`.
public protocol CaptureSource: AnyObject {
    /// Name of this source on the command line, in status lines and in error messages.
    var name: String { get }

    /// Name of the open device, in the same form. It differs from ``name`` if that leaves the choice to the
    /// server, as `default` does.
    var deviceName: String { get }

    /// True for a source that delivers whether or not we read: samples without room are lost and counted.
    /// False for a source that can wait: none of its samples are lost.
    var isLive: Bool { get }

    /// True if `open` can determine its format now; waits for that at most ``readPatienceMilliseconds``. A
    /// thread with other duties checks it before it opens.
    func isReadyToOpen() -> Bool

    /// Opens the source and returns the format of its bytes.
    func open() throws(CaptureError) -> CaptureFormat

    /// Copies raw PCM to the beginning of `buffer`, in the format that `open` returned; the last PCM frame
    /// may be incomplete.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> CaptureRead

    /// Ends an `open` that waits. This is final: an interrupted source is not used again.
    func interrupt()

    /// Closes the device.
    func close()
}

extension CaptureSource {
    /// The name itself, for a source that means one device.
    public var deviceName: String { name }

    /// Longest time that `read` waits for samples.
    public static var readPatienceMilliseconds: Int32 { 100 }

    /// True, for a source that knows its format without reading.
    public func isReadyToOpen() -> Bool { true }

    /// Does nothing, for a source whose `open` never waits.
    public func interrupt() {}
}

/// Result of one `read` of a source.
public enum CaptureRead: Sendable {
    /// This many bytes of sound, at least one.
    case bytes(Int)
    /// No samples within the time limit of `read`; the source stays open.
    case nothing
    /// No samples, because the system or the sound server has suspended the device.
    case suspended
    /// No samples, because the server has moved the stream to another device; ``CaptureSource/deviceName``
    /// names it.
    case moved
    /// The device lost this many PCM frames and continues. Zero if it does not know how many.
    case lost(Int)
    /// The source ended, and all samples were delivered.
    case ended
    /// The source stopped working.
    case failed(CaptureError)
}
