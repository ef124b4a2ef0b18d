// SPDX-License-Identifier: Apache-2.0

/// Guesses the decoder from a file's suffix. A file that the caller names itself is always tried.
enum RecordingKind {
    /// Readable by libsndfile.
    case readable
    /// Decoded by ffmpeg.
    case foreign(suffix: String)
    /// Raw samples.
    case headerless(suffix: String)

    private static let readableSuffixes: Set<String> = [
        "wav", "wave", "bwf", "rf64", "w64", "flac", "ogg", "oga", "opus", "mp3", "mp2", "mp1", "mpga", "aif",
        "aiff",
        "aifc", "au", "snd", "caf", "sph", "nist", "voc", "paf", "fap", "iff", "svx", "8svx", "sf", "ircam",
        "pvf", "htk",
        "avr", "sds", "xi", "wve", "mpc2k",
    ]
    private static let foreignSuffixes: Set<String> = [
        "m4a", "mp4", "m4b", "m4v", "m4r", "aac", "adts", "webm", "weba", "mka", "mkv", "wma", "wmv", "asf",
        "amr", "awb",
        "3gp", "3gpp", "3g2", "mov", "qt", "avi", "ac3", "eac3", "ape", "wv", "tta", "spx", "mpg", "mpeg",
        "ts", "m2ts",
        "mts", "flv", "ogv", "ogx", "ra", "rm", "dts", "alac", "ec3", "f4a", "f4v",
    ]
    private static let headerlessSuffixes: Set<String> = [
        "raw", "pcm", "gsm", "vox", "sln", "sln16", "g722", "g729", "ul", "al",
    ]

    /// nil for a file that is not a recording.
    init?(_ path: String) {
        guard let dot = path.lastIndex(of: "."), path[dot...].allSatisfy({ $0 != "/" }) else { return nil }
        let suffix = path[path.index(after: dot)...].lowercased()
        if Self.readableSuffixes.contains(suffix) {
            self = .readable
        } else if Self.foreignSuffixes.contains(suffix) {
            self = .foreign(suffix: suffix)
        } else if Self.headerlessSuffixes.contains(suffix) {
            self = .headerless(suffix: suffix)
        } else {
            return nil
        }
    }
}
