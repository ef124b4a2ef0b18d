// SPDX-License-Identifier: Apache-2.0
import AudioFiles
import Glibc

/// Standard input: a WAV, FLAC, Ogg, Opus or MP3 stream, detected by its first bytes, or raw PCM in a given
/// format.
///
/// If we read slowly, the process that writes into the pipe waits, so nothing is lost.
public final class StandardInputCapture: CaptureSource {
    /// See ``CaptureSource/name``.
    public var name: String { "stdin" }
    /// False: a pipe waits for its reader.
    public var isLive: Bool { false }
    /// Description of the part that is missing or cannot be decoded; nil if there is none. Final after the
    /// end.
    public var damage: String? { decoder?.damage }

    private let format: CaptureFormat?
    private let descriptor: CInt
    private let beginning: StreamBeginning
    private var decoder: StreamDecoder?
    /// Raw bytes that were inspected and not yet delivered.
    private var head: ArraySlice<UInt8>?

    /// Creates a source that reads from `descriptor`, which it does not close.
    ///
    /// - Parameter format: format of raw samples; nil to refuse them.
    public init(format: CaptureFormat?, descriptor: CInt = 0) {
        self.format = format
        self.descriptor = descriptor
        beginning = StreamBeginning(descriptor: descriptor)
    }

    deinit { decoder?.stop() }

    /// Waits for the first bytes or the end, but no longer than the time limit of `read`.
    public func isReadyToOpen() -> Bool {
        var input = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return decoder != nil || head != nil || poll(&input, 1, Self.readPatienceMilliseconds) != 0
    }

    /// Refuses a terminal, a folder, a closed descriptor and a stream that cannot be decoded; waits for its first bytes.
    public func open() throws(CaptureError) -> CaptureFormat {
        if decoder == nil, head == nil {
            try checkDescriptor()
            try recognise()
        }
        guard let decoder else {
            guard let format else { throw Self.rawRefused }
            return format
        }
        while true {
            let known: StreamDecoder.Format?
            do { known = try decoder.format } catch { throw CaptureError(error) }
            if let known {
                return try CaptureFormat(
                    sampleRate: known.sampleRate,
                    channelCount: known.channelCount,
                    sampleFormat: .f32
                )
            }
            if beginning.wasStopped { throw CaptureError(.interrupted, "standard input was interrupted") }
            sleep(nanoseconds: 2_000_000)
        }
    }

    /// Waits for bytes; the end of the pipe is the end of the sound.
    public func read(into buffer: UnsafeMutableRawBufferPointer) -> CaptureRead {
        if let first = head, !first.isEmpty {
            let count = min(first.count, buffer.count)
            buffer.copyBytes(from: first.prefix(count))
            head = first.dropFirst(count)
            return .bytes(count)
        }
        let source = decoder?.output ?? descriptor
        var input = pollfd(fd: source, events: Int16(POLLIN), revents: 0)
        if poll(&input, 1, Self.readPatienceMilliseconds) <= 0 { return .nothing }
        let count = Glibc.read(source, buffer.baseAddress, buffer.count)
        if count > 0 { return .bytes(count) }
        if count == 0 { return end() }
        let isPassing = errno == EINTR || errno == EAGAIN
        return isPassing ? .nothing : .failed(Self.failure(errno))
    }

    /// Interrupts an `open` that waits for the first bytes.
    public func interrupt() { beginning.stop() }

    /// Does nothing: the descriptor belongs to the program, and a stream cannot be decoded again.
    public func close() {}

    private func end() -> CaptureRead {
        do { _ = try decoder?.format } catch { return .failed(CaptureError(error)) }
        return .ended
    }

    private func checkDescriptor() throws(CaptureError) {
        if isatty(descriptor) == 1 {
            throw CaptureError(
                .standardInput,
                "standard input is a terminal; pipe sound into it, or name a file or a device"
            )
        }
        var status = stat()
        if fstat(descriptor, &status) != 0 { throw Self.failure(errno) }
        if status.st_mode & S_IFMT == S_IFDIR { throw Self.failure(EISDIR) }
    }

    private func recognise() throws(CaptureError) {
        guard let container = beginning.container else {
            if beginning.wasStopped { throw CaptureError(.interrupted, "standard input was interrupted") }
            head = beginning.head[...]
            if format == nil, beginning.head.isEmpty {
                throw CaptureError(.standardInput, "standard input is empty")
            }
            return
        }
        if container.isForeign {
            throw CaptureError(
                .standardInput,
                "standard input is \(container.rawValue), which cannot be decoded from a pipe; decode it first: "
                    + "ffmpeg -i - -f wav - | undertone listen -"
            )
        }
        do { decoder = try StreamDecoder(beginning, name: "standard input") } catch {
            throw CaptureError(error)
        }
    }

    private static let rawRefused = CaptureError(
        .standardInput,
        "standard input is not a WAV, FLAC, Ogg, Opus or MP3 stream; raw PCM is for 'undertone listen - --rate RATE "
            + "--channels COUNT --format FORMAT'"
    )

    private static func failure(_ code: CInt) -> CaptureError {
        CaptureError(
            .standardInput,
            "standard input cannot be read: \(String(cString: strerror(code)))",
            code: code
        )
    }
}
