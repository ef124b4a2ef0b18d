// SPDX-License-Identifier: Apache-2.0

/// The first bytes of a pipe, which show whether a container or raw samples come.
///
/// One thread at a time, except ``stop()``.
public final class StreamBeginning: Sendable {
    let input: StreamInput

    /// Looks at nothing yet.
    ///
    /// - Parameter descriptor: the pipe, which stays the caller's.
    public init(descriptor: CInt) { input = StreamInput(descriptor: descriptor) }

    /// The container that comes, nil for raw samples. Waits for the first bytes, until ``stop()``.
    public var container: AudioContainer? { AudioContainer(input) }

    /// The bytes that were looked at, and are no longer in the pipe.
    public var head: [UInt8] { input.head }

    /// Whether ``stop()`` was called.
    public var wasStopped: Bool { input.wasStopped }

    /// Ends a wait. Any thread; it lasts.
    public func stop() { input.stop() }
}
