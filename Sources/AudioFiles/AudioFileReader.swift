// SPDX-License-Identifier: Apache-2.0
internal import CSndfile
import Glibc
import PlainText

/// Reads an audio file in pieces, from beginning to end: WAV, FLAC, Ogg Vorbis, Opus, MP3 and the other formats of
/// libsndfile; where ffmpeg is installed, also MPEG-4, WebM, AAC and similar formats.
///
/// Memory does not grow with the file. The length in the header is never trusted: every sample in the file is read,
/// and at the end the count is compared with the header (``isTruncated``).
///
/// One thread at a time.
public final class AudioFileReader {
    /// Path as the caller gave it.
    public let path: String
    /// PCM frames per second, 8,000 to 192,000.
    public let sampleRate: Int
    /// Channels, 1 to 8.
    public let channelCount: Int
    /// PCM frames according to the header, if it has a length: for a progress bar, not for an allocation.
    public let declaredFrameCount: Int64?
    /// PCM frames delivered so far.
    public private(set) var deliveredFrameCount: Int64 = 0
    /// Samples that were NaN, infinite or above a million times full scale, and were delivered as 0.
    public private(set) var nonFiniteCount: Int64 = 0
    /// True when the file ends before the length in its header, or cannot be decoded to its end.
    ///
    /// Final only after ``read(into:)`` has returned 0. Not detectable for an MP3 without a length in its header.
    public private(set) var isTruncated: Bool
    /// The first decoding error, in libsndfile's or ffmpeg's words.
    public private(set) var damage: String?

    private let descriptor: CInt
    private var sound: OpenSound
    /// The recordings of a chained Ogg file that have not been read yet.
    private var parts: ArraySlice<Range<Int64>> = []
    private let foreign: ForeignDecoder?

    /// Opens the file and reads its header.
    ///
    /// - Parameters:
    ///   - path: the file; a name that is not UTF-8 is written as `PathText` does.
    ///   - usesFFmpeg: true to let an installed ffmpeg decode, in a child process, what libsndfile cannot.
    /// - Throws: any ``AudioFileError/Reason``.
    public init(path: String, usesFFmpeg: Bool = true) throws(AudioFileError) {
        let (descriptor, size) = try Self.openRegular(path)
        let opened: Opened
        do {
            opened = try Opened.file(descriptor, size: size, path: path, usesFFmpeg: usesFFmpeg)
        } catch {
            close(descriptor)
            throw error
        }
        let header = opened.sound.header
        self.path = path
        self.descriptor = descriptor
        sound = opened.sound
        parts = opened.parts
        foreign = opened.foreign
        sampleRate = Int(header.samplerate)
        channelCount = Int(header.channels)
        declaredFrameCount = opened.knowsLength && header.frames < 1 << 58 ? header.frames : nil
        isTruncated = opened.isTruncated
    }

    deinit { close(descriptor) }

    /// Reads the next PCM frames, interleaved, full scale -1...1 (a float file may hold more).
    ///
    /// - Parameter destination: filled from its start with whole PCM frames; it must have room for at least one.
    /// - Returns: PCM frames read; 0 when no more can be decoded.
    /// - Throws: `undecodable` or `empty` if no sample of the file can be decoded.
    public func read(into destination: inout MutableSpan<Float>) throws(AudioFileError) -> Int {
        let wanted = destination.count / channelCount
        precondition(wanted > 0, "\(destination.count) samples hold no frame of \(channelCount)")
        let count = destination.withUnsafeMutableBufferPointer { samples -> Int in
            guard let base = samples.baseAddress else { return 0 }
            var filled = 0
            repeat {
                filled += sound.read(wanted - filled, into: base + filled * channelCount)
                if filled < wanted { noteEnd() }
            } while filled < wanted && openNextPart()
            nonFiniteCount += silenceUnusable(
                UnsafeMutableBufferPointer(start: base, count: filled * channelCount)
            )
            return filled
        }
        deliveredFrameCount += Int64(count)
        if count < wanted, let declaredFrameCount, deliveredFrameCount < declaredFrameCount {
            isTruncated = true
        }
        if deliveredFrameCount == 0 {
            throw AudioFileError(reason: damage.map { .undecodable(detail: $0) } ?? .empty, path: path)
        }
        return count
    }

    /// Finds out why the sound ended.
    private func noteEnd() {
        guard let reason = sound.damage ?? foreign?.complaint() else { return }
        damage = reason
        isTruncated = true
    }

    /// Opens the next recording of a chained file.
    private func openNextPart() -> Bool {
        guard let range = parts.popFirst() else { return false }
        let window = FileWindow(
            descriptor: descriptor,
            start: range.lowerBound,
            length: range.upperBound - range.lowerBound
        )
        guard let next = OpenSound(window) else {
            damage = "the recording at byte \(range.lowerBound): \(OpenSound.refusal)"
            isTruncated = true
            return openNextPart()
        }
        guard Int(next.header.samplerate) == sampleRate, Int(next.header.channels) == channelCount else {
            damage = "the recording at byte \(range.lowerBound) has another rate or channel count"
            isTruncated = true
            return openNextPart()
        }
        sound = next
        return true
    }

    /// Opens `path`, which must be a regular, non-empty file.
    private static func openRegular(_ path: String) throws(AudioFileError) -> (CInt, Int64) {
        // Non-blocking, so that a pipe without a writer is refused below and does not block here.
        let descriptor = PathText.withPath(path) { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
        if descriptor < 0 { throw AudioFileError(reason: reason(errno), path: path) }
        var status = stat()
        let problem: AudioFileError.Reason? =
            if fstat(descriptor, &status) != 0 {
                reason(errno)
            } else if status.st_mode & S_IFMT == S_IFDIR {
                .isFolder
            } else if status.st_mode & S_IFMT != S_IFREG {
                .notRegular
            } else {
                status.st_size == 0 ? .empty : nil
            }
        guard let problem else { return (descriptor, Int64(status.st_size)) }
        close(descriptor)
        throw AudioFileError(reason: problem, path: path)
    }

    private static func reason(_ code: Int32) -> AudioFileError.Reason {
        switch code {
        case ENOENT, ENOTDIR: .missing
        case EACCES, EPERM: .permissionDenied
        case ENXIO: .notRegular
        default: .system(code: code, detail: String(cString: strerror(code)))
        }
    }
}

/// Replaces unusable samples by 0: NaN, infinity, and samples 120 dB above full scale, so that a sum of channels or
/// of a window stays finite. Returns the number of replaced samples.
func silenceUnusable(_ samples: UnsafeMutableBufferPointer<Float>) -> Int64 {
    var count: Int64 = 0
    for index in samples.indices where !(abs(samples[index]) <= 1e6) {
        samples[index] = 0
        count += 1
    }
    return count
}

/// The reason why a header cannot be used; nil if it can.
func objection(to header: SF_INFO) -> AudioFileError.Reason? {
    if !(1...8).contains(header.channels) { return .channelCount(Int(header.channels)) }
    if !(8_000...192_000).contains(header.samplerate) { return .sampleRate(Int(header.samplerate)) }
    return header.frames == 0 ? .empty : nil
}
