// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Raw PCM on standard input, in a format that the user names.
///
/// Whoever writes into the pipe is held up when we are slow, so nothing is lost here.
public final class StandardInputCapture: CaptureSource {
    /// See ``CaptureSource/name``.
    public var name: String { "stdin" }
    /// A pipe waits for its reader.
    public var isLive: Bool { false }

    private let format: CaptureFormat
    private let descriptor: CInt

    /// A source that reads `format` from `descriptor`, which it does not close.
    public init(format: CaptureFormat, descriptor: CInt = 0) {
        self.format = format
        self.descriptor = descriptor
    }

    /// Refuses a terminal, a folder and a closed descriptor.
    public func open() throws(CaptureError) -> CaptureFormat {
        if isatty(descriptor) == 1 {
            throw CaptureError(
                .standardInput,
                "standard input is a terminal; pipe raw PCM into it, or name a file or a device"
            )
        }
        var status = stat()
        if fstat(descriptor, &status) != 0 { throw Self.failure(errno) }
        if status.st_mode & S_IFMT == S_IFDIR { throw Self.failure(EISDIR) }
        return format
    }

    /// Waits for bytes; the end of the pipe is the end of the sound.
    public func read(into buffer: UnsafeMutableRawBufferPointer) -> CaptureRead {
        var input = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        if poll(&input, 1, Self.readPatienceMilliseconds) <= 0 { return .nothing }
        let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        if count > 0 { return .bytes(count) }
        if count == 0 { return .ended }
        let isPassing = errno == EINTR || errno == EAGAIN
        return isPassing ? .nothing : .failed(Self.failure(errno))
    }

    /// Nothing: the descriptor belongs to the program.
    public func close() {}

    private static func failure(_ code: CInt) -> CaptureError {
        CaptureError(
            .standardInput,
            "standard input cannot be read: \(String(cString: strerror(code)))",
            code: code
        )
    }
}
