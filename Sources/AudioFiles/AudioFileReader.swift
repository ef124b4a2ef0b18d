// SPDX-License-Identifier: Apache-2.0
internal import CSndfile
import Glibc

/// Reads an audio file from beginning to end, piece by piece: WAV, FLAC, Ogg Vorbis, Opus, MP3 and what else
/// libsndfile knows.
///
/// Memory does not grow with the file. What the header promises is never trusted with memory: it is only
/// compared, at the end, with what came (``isTruncated``).
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
    /// Where the sound stops being decodable, in libsndfile's words.
    public private(set) var damage: String?

    private let descriptor: CInt
    private let file: OpaquePointer
    /// 120 dB above full scale: a sum of channels, or of a window, is still a number.
    private static let loudest: Float = 1e6

    /// Opens the file and reads its header.
    ///
    /// - Throws: see ``AudioFileError/Reason``; all of them may occur here.
    public init(path: String) throws(AudioFileError) {
        let descriptor = try Self.openRegular(path)
        var header = SF_INFO()
        guard let file = sf_open_fd(descriptor, CInt(SFM_READ), &header, 0) else {
            let detail = Self.text(of: nil)
            close(descriptor)
            throw AudioFileError(reason: .notAudio(detail: detail), path: path)
        }
        if let reason = Self.objection(to: header) {
            sf_close(file)
            close(descriptor)
            throw AudioFileError(reason: reason, path: path)
        }
        self.path = path
        self.descriptor = descriptor
        self.file = file
        sampleRate = Int(header.samplerate)
        channelCount = Int(header.channels)
        declaredFrameCount = header.frames == Int64.max ? nil : header.frames
        isTruncated = endsEarly(descriptor: descriptor, format: header.format)
    }

    deinit {
        sf_close(file)
        close(descriptor)
    }

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
            let count = Int(sf_readf_float(file, base, sf_count_t(wanted)))
            for i in 0..<count * channelCount where !(abs(base[i]) <= Self.loudest) {
                base[i] = 0
                nonFiniteCount += 1
            }
            return count
        }
        deliveredFrameCount += Int64(count)
        if count < wanted { noteEnd() }
        if deliveredFrameCount == 0 {
            throw AudioFileError(reason: damage.map { .undecodable(detail: $0) } ?? .empty, path: path)
        }
        return count
    }

    /// Compares what came with what was promised.
    private func noteEnd() {
        if sf_error(file) != CInt(SF_ERR_NO_ERROR) { damage = Self.text(of: file) }
        let isShort = declaredFrameCount.map { deliveredFrameCount < $0 } ?? false
        if damage != nil || isShort { isTruncated = true }
    }

    /// Opens what must be a regular file with something in it.
    private static func openRegular(_ path: String) throws(AudioFileError) -> CInt {
        // Not blocking, so that a pipe without a writer is refused below instead of waited for.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
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
        guard let problem else { return descriptor }
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

    private static func objection(to header: SF_INFO) -> AudioFileError.Reason? {
        if !(1...8).contains(header.channels) { return .channelCount(Int(header.channels)) }
        if !(8_000...192_000).contains(header.samplerate) { return .sampleRate(Int(header.samplerate)) }
        return header.frames == 0 ? .empty : nil
    }

    /// libsndfile's last word on `file`, without its full stop.
    private static func text(of file: OpaquePointer?) -> String {
        let text = sf_strerror(file).map { String(cString: $0) } ?? "unknown error"
        return text.hasSuffix(".") ? String(text.dropLast()) : text
    }
}
