// SPDX-License-Identifier: Apache-2.0
internal import CSndfile
import Glibc
import Synchronization

/// Decodes a container that arrives through a pipe, on its own threads, so that readers never wait for a decoder.
///
/// The samples leave through a socket, as interleaved 32-bit floats in native byte order. Ogg and MP3, in which
/// libsndfile must not seek, reach it through a pipe; other formats through callbacks. Memory is bounded: a full socket
/// blocks the decoder, which blocks the writer of the pipe.
public final class StreamDecoder: Sendable {
    /// Format of the decoded stream.
    public struct Format: Sendable, Equatable {
        /// PCM frames per second, 8,000 to 192,000.
        public let sampleRate: Int
        /// Channels, 1 to 8.
        public let channelCount: Int
    }

    private enum State {
        case starting
        case decoding(Format)
        case failed(AudioFileError)
    }

    /// Descriptor to read samples from; end of file is the end of the sound.
    public let output: CInt
    private let ownOutput: CInt
    private let container: AudioContainer
    private let name: String
    private let input: StreamInput
    private let state = Mutex(State.starting)
    private let damageText = Mutex<String?>(nil)

    /// The format; nil until it is known.
    ///
    /// - Throws: the reason why the stream cannot be decoded.
    public var format: Format? {
        get throws(AudioFileError) {
            switch state.withLock({ $0 }) {
            case .starting: nil
            case .decoding(let format): format
            case .failed(let error): throw error
            }
        }
    }

    /// One phrase about missing or undecodable sound; nil if there is none. Final after the end.
    public var damage: String? { damageText.withLock { $0 } }

    /// Starts the threads.
    ///
    /// - Parameters:
    ///   - beginning: the stream, of which only ``StreamBeginning/head`` has been read.
    ///   - name: name of the stream in errors.
    /// - Throws: `needsFFmpeg` for formats that only ffmpeg decodes, `system` if no thread or descriptor is available.
    public init(_ beginning: StreamBeginning, name: String) throws(AudioFileError) {
        let found = beginning.container
        guard let container = found, !container.isForeign else {
            let reason = found.map { AudioFileError.Reason.needsFFmpeg($0) }
            throw AudioFileError(reason: reason ?? .notAudio(detail: "raw samples"), path: name)
        }
        guard let ends = socketPair() else {
            throw AudioFileError(
                reason: .system(code: errno, detail: String(cString: strerror(errno))),
                path: name
            )
        }
        (output, ownOutput) = ends
        (self.container, self.name, input) = (container, name, beginning.input)
        start { $0.decode() }
    }

    /// Both ends are closed once the last thread and the owner have released them.
    deinit {
        close(output)
        close(ownOutput)
    }

    /// Ends the threads; the pipe stays open.
    public func stop() {
        input.stop()
        shutdown(output, CInt(SHUT_RDWR))
    }

    private func start(_ body: @escaping @Sendable (StreamDecoder) -> Void) {
        let box = Unmanaged.passRetained(ThreadBody { body(self) })
        var thread = pthread_t()
        let code = pthread_create(&thread, nil, runThreadBody, box.toOpaque())
        if code == 0 { return _ = pthread_detach(thread) }
        box.release()
        fail(.system(code: code, detail: String(cString: strerror(code))))
    }

    private func fail(_ reason: AudioFileError.Reason) {
        state.withLock { $0 = .failed(AudioFileError(reason: reason, path: name)) }
        shutdown(ownOutput, CInt(SHUT_RDWR))
    }

    private func note(_ damage: String) { damageText.withLock { $0 = $0 ?? damage } }
}

// MARK: The decoding thread

extension StreamDecoder {
    private func decode() {
        if let region = SoundRegion(container, in: input), region.coding != nil {
            let window = StreamWindow(input, samples: region)
            deliver(OpenSound(window, samples: region))
            if window.isTruncated { note("ends before its declared length") }
        } else if container == .flac {
            decodeFLAC()
        } else {
            decodePipes()
        }
        shutdown(ownOutput, CInt(SHUT_RDWR))
    }

    /// Decodes joined recordings one after the other.
    private func decodeFLAC() {
        let recordings = FLACRecordings(input)
        var isFirst = true
        repeat {
            deliver(OpenSound(FLACWindow(recordings)), isFirst: isFirst)
            isFirst = false
        } while recordings.advance()
    }

    /// Decodes recordings one after the other, as the feeding thread splits them.
    private func decodePipes() {
        let queue = PipeQueue()
        start { decoder in decoder.feed(queue) }
        var isFirst = true
        while let pipe = queue.next() {
            deliver(OpenSound(descriptor: pipe), isFirst: isFirst)
            isFirst = false
            close(pipe)
        }
    }

    /// Decodes one recording to its end.
    private func deliver(_ sound: OpenSound?, isFirst: Bool = true) {
        guard let sound else {
            return isFirst ? fail(.notAudio(detail: OpenSound.refusal)) : note(OpenSound.refusal)
        }
        let format = Format(
            sampleRate: Int(sound.header.samplerate),
            channelCount: Int(sound.header.channels)
        )
        if isFirst {
            if let reason = objection(to: sound.header) { return fail(reason) }
            state.withLock { $0 = .decoding(format) }
        } else if !isDecoding(format) {
            return note("continues with another sample rate or channel count")
        }
        var samples = [Float](repeating: 0, count: 1_024 * format.channelCount)
        let delivered = samples.withUnsafeMutableBufferPointer { send(sound, in: $0, format.channelCount) }
        if let damage = sound.damage { note(damage) }
        if container == .flac, isShort(sound.header, delivered) { note("ends before its declared length") }
        if isFirst, delivered == 0, !input.wasStopped {
            fail(damage.map { .undecodable(detail: $0) } ?? .empty)
        }
    }

    /// True if a FLAC header declares more samples than arrived. At most 36 bits, since 0 (a stream) is read as a huge length.
    private func isShort(_ header: SF_INFO, _ delivered: Int) -> Bool {
        header.frames < 1 << 36 && delivered < header.frames && !input.wasStopped
    }

    private func isDecoding(_ format: Format) -> Bool {
        guard case .decoding(let first) = state.withLock({ $0 }) else { return false }
        return first == format
    }

    private func send(_ sound: OpenSound, in room: UnsafeMutableBufferPointer<Float>, _ channelCount: Int)
        -> Int
    {
        var delivered = 0
        guard let base = room.baseAddress else { return 0 }
        let wanted = room.count / channelCount
        var count = wanted
        // A short read is the last: at the end some codecs return silence up to the length in the header.
        while count == wanted {
            count = sound.read(wanted, into: base)
            let samples = UnsafeMutableBufferPointer(rebasing: room[..<(count * channelCount)])
            _ = silenceUnusable(samples)
            guard sendAll(UnsafeRawBufferPointer(samples), to: ownOutput) else { break }
            delivered += count
        }
        return delivered
    }
}

// MARK: The feeding thread

extension StreamDecoder {
    /// Copies the pipe's bytes to libsndfile, and splits a chain of Ogg recordings where the next one begins.
    private func feed(_ queue: PipeQueue) {
        defer { queue.end() }
        guard var pipe = queue.begin() else { return }
        var place: Int64 = 0
        var chain = OggChain()
        var block = [UInt8](repeating: 0, count: 1 << 16)
        var isRead = true
        // In joined files the count in the first header would end the sound early.
        let mark = container == .mpeg ? MPEGFrame.length(in: input)?.mark : nil
        while true {
            var wanted = block.count
            if container == .ogg, let page = nextPage(at: place) {
                if chain.begins(page) {
                    close(pipe)
                    guard let next = queue.begin() else { return }
                    (pipe, isRead) = (next, true)
                }
                wanted = page.byteCount
            }
            let count = block.withUnsafeMutableBytes { room -> Int in
                let room = UnsafeMutableRawBufferPointer(rebasing: room[..<min(wanted, room.count)])
                return fill(room, from: place, whole: container == .ogg)
            }
            if count == 0 { break }
            if let mark {
                for index in mark..<mark + 4 where (place..<place + Int64(count)).contains(index) {
                    block[Int(index - place)] = 0
                }
            }
            place += Int64(count)
            // libsndfile closes a recording that it cannot decode; the next one may be decodable.
            isRead =
                isRead
                && block.withUnsafeBytes { sendAll(UnsafeRawBufferPointer(rebasing: $0[..<count]), to: pipe) }
            if !isRead, container != .ogg { break }
        }
        close(pipe)
    }

    private func nextPage(at place: Int64) -> OggPage? {
        OggPage(input.look(at: place, count: OggPage.headerCount + 255))
    }

    private func fill(_ room: UnsafeMutableRawBufferPointer, from place: Int64, whole: Bool) -> Int {
        var filled = 0
        repeat {
            let rest = UnsafeMutableRawBufferPointer(rebasing: room[filled...])
            let count = input.read(at: place + Int64(filled), into: rest)
            if count == 0 { break }
            filled += count
        } while whole && filled < room.count
        return filled
    }
}
