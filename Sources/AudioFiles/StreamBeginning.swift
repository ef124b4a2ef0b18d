// SPDX-License-Identifier: Apache-2.0

/// The first bytes of a pipe, which tell a container from raw samples.
///
/// One thread at a time, except ``stop()``.
public final class StreamBeginning: Sendable {
    let input: StreamInput

    /// Reads nothing yet.
    ///
    /// - Parameter descriptor: the pipe; the caller still owns it.
    public init(descriptor: CInt) { input = StreamInput(descriptor: descriptor) }

    /// The container of the stream; nil for raw samples. Blocks until the first bytes arrive or ``stop()`` is called.
    public var container: AudioContainer? { AudioContainer(input) }

    /// The bytes that were read to recognise the format, and are no longer in the pipe.
    public var head: [UInt8] { input.head }

    /// True once ``stop()`` was called.
    public var wasStopped: Bool { input.wasStopped }

    /// Ends a wait, and every later one. Any thread.
    public func stop() { input.stop() }
}
