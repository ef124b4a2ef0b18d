// SPDX-License-Identifier: Apache-2.0

/// What can be wrong with data that was brought from outside.
///
/// Each case is one sentence that names the file, the line where there is one, and the remedy.
public enum CorporaError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Neither `--data` nor `UNDERTONE_DATA` says where the corpora are.
    case noDataFolder
    /// A file or folder cannot be read.
    case unreadable(path: String, reason: String)
    /// A folder must not be written to; nothing in it was changed.
    case unwritable(path: String, reason: String)
    /// A line of a table is not what it must be.
    case malformed(file: String, line: Int, problem: String)
    /// A clip's audio cannot be used.
    case audio(description: String)
    /// Clips of a corpus cannot be used.
    case damaged([DamagedClip])
    /// The feature cache cannot be written or read.
    case cache(path: String, reason: String)

    /// One clear sentence.
    public var description: String {
        switch self {
        case .noDataFolder:
            "no corpora given: pass --data DIR or set UNDERTONE_DATA to the folder that holds them"
        case .unreadable(let path, let reason): "cannot read \(path): \(reason)"
        case .unwritable(let path, let reason): "cannot write to \(path): \(reason)"
        case .malformed(let file, let line, let problem): "\(file), line \(line): \(problem)"
        case .audio(let description): description
        case .damaged(let clips) where clips.count == 1: "\(clips[0]); \(DamagedClip.remedy)"
        case .damaged(let clips):
            "\(clips.count) clips cannot be used; \(DamagedClip.remedy):\n"
                + clips.map(\.description).joined(separator: "\n")
        case .cache(let path, let reason): "cannot use the feature cache \(path): \(reason)"
        }
    }
}
