// SPDX-License-Identifier: Apache-2.0
internal import CPulse
import Glibc
import SampleRing
import Synchronization

/// A microphone through PulseAudio, or through PipeWire, which uses the same protocol.
///
/// Requests the source's own rate and channels, as floats, so that only our resampler processes a sample.
/// Requests pieces of 20 ms, because the server's default may be pieces of two seconds.
public final class PulseCapture: CaptureSource {
    /// See ``CaptureSource/name``.
    public var name: String { sourceName.map { "pulse:\($0)" } ?? "pulse" }
    /// Source of the server that is recorded; for the default source it changes with the user's choice.
    public var deviceName: String {
        guard let stream, let name = pa_stream_get_device_name(stream) else { return name }
        return "pulse:" + String(cString: name)
    }
    /// True: a microphone does not wait for its reader.
    public var isLive: Bool { true }

    private static let fragmentMilliseconds = 20
    private static let openTimeoutMilliseconds = 5_000
    private let sourceName: String?
    private let wasInterrupted = Atomic(false)
    private var connection: PulseConnection?
    private var stream: OpaquePointer?
    private var frameByteCount = 4
    /// Bytes of libpulse's current piece that were already read.
    private var pieceOffset = 0
    /// Set by libpulse when the server moves the stream to another source.
    private var wasMoved = false

    /// Creates a capture of a source of the server, or of its default source.
    ///
    /// - Parameter sourceName: as `pactl list short sources` or `undertone devices` shows it.
    public init(sourceName: String?) { self.sourceName = sourceName }

    deinit { close() }

    /// Connects to the server and starts recording.
    public func open() throws(CaptureError) -> CaptureFormat {
        close()
        let connection = try PulseConnection(timeoutMilliseconds: Self.openTimeoutMilliseconds) {
            isInterrupted
        }
        self.connection = connection
        do {
            let format = try startInSomeFormat(connection)
            frameByteCount = format.frameByteCount
            return format
        } catch {
            close()
            throw error
        }
    }

    /// Waits for the server's next piece and copies it.
    public func read(into buffer: UnsafeMutableRawBufferPointer) -> CaptureRead {
        guard let connection, let stream else { return .ended }
        if wasMoved {
            wasMoved = false
            return .moved
        }
        if let piece = nextPiece(stream, buffer) { return piece }
        connection.turn(milliseconds: Self.readPatienceMilliseconds)
        if let piece = nextPiece(stream, buffer) { return piece }
        if !connection.isAlive || pa_stream_get_state(stream) != PA_STREAM_READY {
            return .failed(gone(connection))
        }
        return pa_stream_is_suspended(stream) == 1 ? .suspended : .nothing
    }

    /// Interrupts an `open` that waits for a server.
    public func interrupt() { wasInterrupted.store(true, ordering: .releasing) }

    /// Disconnects from the server.
    public func close() {
        closeStream()
        connection = nil
    }

    private func closeStream() {
        if let stream {
            pa_stream_disconnect(stream)
            pa_stream_unref(stream)
        }
        stream = nil
        pieceOffset = 0
    }

    // MARK: Opening

    private var isInterrupted: Bool { wasInterrupted.load(ordering: .acquiring) }

    /// Records in the source's own format; beyond our limits, in a format that the server converts to.
    private func startInSomeFormat(_ connection: PulseConnection) throws(CaptureError) -> CaptureFormat {
        do throws(CaptureError) { return try start(connection, isConverted: false) } catch {
            guard error.kind == .formatRefused else { throw error }
            closeStream()
            return try start(connection, isConverted: true)
        }
    }

    private func start(_ connection: PulseConnection, isConverted: Bool) throws(CaptureError) -> CaptureFormat
    {
        let stream = try makeStream(connection)
        self.stream = stream
        try record(stream, connection, isConverted: isConverted)
        return try agreedFormat(stream)
    }

    private func makeStream(_ connection: PulseConnection) throws(CaptureError) -> OpaquePointer {
        guard let properties = pa_proplist_new() else { throw PulseConnection.outOfMemory }
        defer { pa_proplist_free(properties) }
        // Not "phone": servers lower the volume of other programs for it.
        pa_proplist_sets(properties, PA_PROP_MEDIA_ROLE, "production")
        var wish = pa_sample_spec(
            format: PA_SAMPLE_FLOAT32LE,
            rate: UInt32(PCMDecoder.sampleRate),
            channels: 1
        )
        guard
            let stream = pa_stream_new_with_proplist(
                connection.context,
                "emotion of the voice",
                &wish,
                nil,
                properties
            )
        else { throw refused(connection) }
        pa_stream_set_moved_callback(
            stream,
            { _, reference in
                guard let reference else { return }
                Unmanaged<PulseCapture>.fromOpaque(reference).takeUnretainedValue().wasMoved = true
            },
            Unmanaged.passUnretained(self).toOpaque()
        )
        return stream
    }

    private func record(
        _ stream: OpaquePointer,
        _ connection: PulseConnection,
        isConverted: Bool
    ) throws(CaptureError) {
        // The server replaces this with the source's own rate and channels.
        let bytes = UInt32(PCMDecoder.sampleRate * 4 * Self.fragmentMilliseconds / 1_000)
        var buffer = pa_buffer_attr(
            maxlength: .max,
            tlength: .max,
            prebuf: .max,
            minreq: .max,
            fragsize: bytes
        )
        var flags = [PA_STREAM_ADJUST_LATENCY]
        if !isConverted { flags += [PA_STREAM_FIX_RATE, PA_STREAM_FIX_CHANNELS] }
        // For a named microphone, do not move to another one: if it disappears, capture waits for it.
        if sourceName != nil { flags.append(PA_STREAM_DONT_MOVE) }
        let code = pa_stream_connect_record(
            stream,
            sourceName,
            &buffer,
            pa_stream_flags(flags.reduce(0) { $0 | $1.rawValue })
        )
        let isReady =
            code >= 0
            && connection.turn(
                forMilliseconds: Self.openTimeoutMilliseconds,
                { isInterrupted || hasFailed(stream) }
            ) {
                pa_stream_get_state(stream) == PA_STREAM_READY
            }
        if !isReady { throw isInterrupted ? PulseConnection.interrupted : refused(connection) }
    }

    private func hasFailed(_ stream: OpaquePointer) -> Bool {
        PA_STREAM_IS_GOOD(pa_stream_get_state(stream)) == 0
    }

    /// Reads the format that the server granted, and requests pieces of the right length for it.
    private func agreedFormat(_ stream: OpaquePointer) throws(CaptureError) -> CaptureFormat {
        guard let specification = pa_stream_get_sample_spec(stream)?.pointee else {
            throw PulseConnection.outOfMemory
        }
        let format: CaptureFormat
        do {
            format = try CaptureFormat(
                sampleRate: Int(specification.rate),
                channelCount: Int(specification.channels),
                sampleFormat: .f32
            )
        } catch {
            throw CaptureError(.formatRefused, "\(name) offers \(error.description)")
        }
        var buffer = pa_buffer_attr()
        buffer.maxlength = .max
        buffer.fragsize = UInt32(
            format.sampleRate * Self.fragmentMilliseconds / 1_000 * format.frameByteCount
        )
        if let operation = pa_stream_set_buffer_attr(stream, &buffer, nil, nil) {
            pa_operation_unref(operation)
        }
        return format
    }

    private func refused(_ connection: PulseConnection) -> CaptureError {
        let (code, text) = connection.lastError
        return switch pa_error_code(UInt32(bitPattern: code)) {
        case PA_ERR_NOENTITY, PA_ERR_EXIST:
            CaptureError(
                .deviceMissing,
                "\(name): the server has no such source; 'undertone devices' lists them",
                code: code
            )
        case PA_ERR_ACCESS:
            CaptureError(
                .permissionDenied,
                "\(name): the server does not permit this program to record",
                code: code
            )
        case PA_ERR_BUSY: CaptureError(.deviceBusy, "\(name) is in use by another program", code: code)
        default: CaptureError(.deviceFailed, "\(name) cannot be recorded: \(text)", code: code)
        }
    }

    // MARK: Reading

    /// Copies from libpulse's current piece, if there is one. Allocates nothing.
    private func nextPiece(_ stream: OpaquePointer, _ buffer: UnsafeMutableRawBufferPointer) -> CaptureRead? {
        var data: UnsafeRawPointer?
        var byteCount = 0
        guard pa_stream_peek(stream, &data, &byteCount) >= 0, byteCount > 0
        else { return nil }
        guard let data else {
            // A hole: the server dropped this many bytes.
            pa_stream_drop(stream)
            return .lost(byteCount / frameByteCount)
        }
        let count = min(buffer.count, byteCount - pieceOffset)
        buffer.baseAddress?.copyMemory(from: data + pieceOffset, byteCount: count)
        pieceOffset += count
        if pieceOffset == byteCount {
            pa_stream_drop(stream)
            pieceOffset = 0
        }
        return .bytes(count)
    }

    private func gone(_ connection: PulseConnection) -> CaptureError {
        let (code, text) = connection.lastError
        return CaptureError(
            connection.isAlive ? .deviceFailed : .serverUnreachable,
            "\(name) disconnected (\(text))",
            code: code
        )
    }
}
