// SPDX-License-Identifier: Apache-2.0
internal import CSndfile
import Glibc
import PlainText

/// Reads an audio file from beginning to end, piece by piece: WAV, FLAC, Ogg Vorbis, Opus, MP3 and what else
/// libsndfile knows; where ffmpeg is installed, MPEG-4, WebM, AAC and the like as well.
///
/// Memory does not grow with the file. What the header promises is never trusted: every sample that is there is read,
/// and at the end the promise is compared with what came (``isTruncated``).
///
/// One thread at a time.
public final class AudioFileReader {
    /// The file, as it was named.
    public let path: String
    /// PCM frames per second, 8,000 to 192,000.
    public let sampleRate: Int
    /// Channels, 1 to 8.
    public let channelCount: Int
    /// PCM frames that the header promises, if it does: good for a progress bar, not for an allocation.
    public let declaredFrameCount: Int64?
    /// PCM frames delivered up to now.
    public private(set) var deliveredFrameCount: Int64 = 0
    /// Samples that were NaN, infinite or a million times full scale, and were delivered as 0.
    public private(set) var nonFiniteCount: Int64 = 0
    /// True when the file ends before its header says so, or cannot be decoded up to its end.
    ///
    /// Certain only after ``read(into:)`` has returned 0. An MP3 without a length in its header cannot be told.
    public private(set) var isTruncated: Bool
    /// Where the sound stops being decodable, in libsndfile's or ffmpeg's words.
    public private(set) var damage: String?

    private let descriptor: CInt
    private var sound: OpenSound
    /// The recordings of a chained Ogg file that are still to come.
    private var parts: ArraySlice<Range<Int64>> = []
    private let foreign: ForeignDecoder?

    /// Opens the file and reads its header.
    ///
    /// - Parameters:
    ///   - path: the file; a name that is not UTF-8 is written as `PathText` does.
    ///   - usesFFmpeg: whether a child process may decode what libsndfile cannot, where ffmpeg is installed.
    /// - Throws: see ``AudioFileError/Reason``; all of them may occur here.
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
    /// - Parameter destination: filled from its beginning with whole PCM frames; room for at least one.
    /// - Returns: PCM frames read; 0 at the end of what can be decoded.
    /// - Throws: `undecodable` or `empty` if the file turns out to hold nothing at all.
    public func read(into destination: inout MutableSpan<Float>) throws(AudioFileError) -> Int {
        let wanted = destination.count / channelCount
        precondition(wanted > 0, "room for \(destination.count) samples holds no frame of \(channelCount)")
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

    /// Asks why the sound is over.
    private func noteEnd() {
        guard let reason = sound.damage ?? foreign?.complaint() else { return }
        damage = reason
        isTruncated = true
    }

    /// Goes on with the next recording of a chained file.
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

    /// Opens what must be a regular file with something in it.
    private static func openRegular(_ path: String) throws(AudioFileError) -> (CInt, Int64) {
        // Not blocking, so that a pipe without a writer is refused below instead of waited for.
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

/// Silences what is no sound: NaN, infinity, and what is 120 dB above full scale, so that a sum of channels, or of a
/// window, is still a number. Returns how many samples that were.
func silenceUnusable(_ samples: UnsafeMutableBufferPointer<Float>) -> Int64 {
    var count: Int64 = 0
    for index in samples.indices where !(abs(samples[index]) <= 1e6) {
        samples[index] = 0
        count += 1
    }
    return count
}

/// Why a header cannot be used; nil where it can.
func objection(to header: SF_INFO) -> AudioFileError.Reason? {
    if !(1...8).contains(header.channels) { return .channelCount(Int(header.channels)) }
    if !(8_000...192_000).contains(header.samplerate) { return .sampleRate(Int(header.samplerate)) }
    return header.frames == 0 ? .empty : nil
}
