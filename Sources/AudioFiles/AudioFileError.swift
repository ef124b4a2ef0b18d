// SPDX-License-Identifier: Apache-2.0

/// Why an audio file cannot be read.
///
/// None of these mends itself: trying again helps only after somebody has changed the file.
public struct AudioFileError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What is wrong.
    public enum Reason: Equatable, Sendable {
        /// Nothing has this name.
        case missing
        /// It is there, but this user may not read it.
        case permissionDenied
        /// The name belongs to a folder.
        case isFolder
        /// A pipe, a socket or a device: a container cannot be read without seeking.
        case notRegular
        /// Zero bytes, or a header with no sound behind it.
        case empty
        /// No format that libsndfile knows; `detail` is its own word.
        case notAudio(detail: String)
        /// Audio that libsndfile does not decode, where ffmpeg is not installed or may not be used.
        case needsFFmpeg(AudioContainer)
        /// Audio, but not one sample of it can be decoded; `detail` is libsndfile's word.
        case undecodable(detail: String)
        /// Zero channels, or more than eight.
        case channelCount(Int)
        /// A sample rate outside 8 to 192 kHz.
        case sampleRate(Int)
        /// The system refused with this `errno`.
        case system(code: Int32, detail: String)
    }

    /// What is wrong.
    public let reason: Reason
    /// The file, as it was named.
    public let path: String

    /// One sentence: what is wrong, where, and how to mend it.
    public var description: String { "\(path): \(explanation)" }

    private var explanation: String {
        switch reason {
        case .missing: "no such file; check the name"
        case .permissionDenied: "may not be read by this user; change its permissions"
        case .isFolder: "is a folder; name the audio files in it"
        case .notRegular:
            "is a pipe or a device, not a file; read it on standard input instead, which is named -"
        case .empty: "holds no sound"
        case .notAudio(let detail):
            "is not audio in a known format (\(detail)); convert it to WAV, FLAC, Ogg, Opus or MP3"
        case .needsFFmpeg(let container):
            "is \(container.rawValue), which needs ffmpeg; install it (apt install ffmpeg), or convert the file to WAV, "
                + "FLAC, Ogg, Opus or MP3"
        case .undecodable(let detail): "is damaged: not one sample can be decoded (\(detail))"
        case .channelCount(let count): "has \(count) channels; 1 to 8 are supported"
        case .sampleRate(let rate): "claims \(rate) samples per second; 8000 to 192000 are supported"
        case .system(_, let detail): "cannot be read: \(detail)"
        }
    }
}
