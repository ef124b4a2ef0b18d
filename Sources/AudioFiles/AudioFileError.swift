// SPDX-License-Identifier: Apache-2.0

/// The reason why an audio file cannot be read.
///
/// Trying again does not help until the file changes.
public struct AudioFileError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Kind of failure.
    public enum Reason: Equatable, Sendable {
        /// No file has this name.
        case missing
        /// The file exists, but this user may not read it.
        case permissionDenied
        /// The name is that of a folder.
        case isFolder
        /// A pipe, a socket or a device: a container cannot be read without seeking.
        case notRegular
        /// Zero bytes, or a header without samples.
        case empty
        /// A format that libsndfile does not know; `detail` is its message.
        case notAudio(detail: String)
        /// Audio that only ffmpeg decodes, and ffmpeg is not installed or not allowed.
        case needsFFmpeg(AudioContainer)
        /// Audio of which no sample can be decoded; `detail` is libsndfile's message.
        case undecodable(detail: String)
        /// Zero channels, or more than eight.
        case channelCount(Int)
        /// A sample rate outside 8 to 192 kHz.
        case sampleRate(Int)
        /// A system call failed with this `errno`.
        case system(code: Int32, detail: String)
    }

    /// Kind of failure.
    public let reason: Reason
    /// Path as the caller gave it.
    public let path: String

    /// One sentence: what is wrong, where, and how to fix it.
    public var description: String { "\(path): \(explanation)" }

    private var explanation: String {
        switch reason {
        case .missing: "no such file; check the name"
        case .permissionDenied: "may not be read by this user; change its permissions"
        case .isFolder: "is a folder; name the audio files in it"
        case .notRegular:
            "is a pipe or a device, not a file; read it on standard input instead, as -"
        case .empty: "contains no sound"
        case .notAudio(let detail):
            "is not audio in a known format (\(detail)); convert it to WAV, FLAC, Ogg, Opus or MP3"
        case .needsFFmpeg(let container):
            "is \(container.rawValue), which needs ffmpeg; install it (apt install ffmpeg), or convert the file to WAV, "
                + "FLAC, Ogg, Opus or MP3"
        case .undecodable(let detail): "is damaged: no sample can be decoded (\(detail))"
        case .channelCount(let count): "has \(count) channels; 1 to 8 are supported"
        case .sampleRate(let rate): "has a sample rate of \(rate) Hz; 8000 to 192000 Hz are supported"
        case .system(_, let detail): "cannot be read: \(detail)"
        }
    }
}
