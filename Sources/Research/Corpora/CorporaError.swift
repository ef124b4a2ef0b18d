// SPDX-License-Identifier: Apache-2.0

/// Errors in external data.
///
/// Each case is one sentence that names the file, the line if there is one, and the remedy.
public enum CorporaError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Neither `--data` nor `UNDERTONE_DATA` names the folder of the corpora.
    case noDataFolder
    /// A file or folder cannot be read.
    case unreadable(path: String, reason: String)
    /// A folder must not be overwritten; it is unchanged.
    case unwritable(path: String, reason: String)
    /// A line of a table is invalid.
    case malformed(file: String, line: Int, problem: String)
    /// A clip's audio cannot be used.
    case audio(description: String)
    /// Clips of a corpus cannot be used.
    case damaged([DamagedClip])
    /// The feature cache cannot be written or read.
    case cache(path: String, reason: String)

    /// One sentence for users.
    public var description: String {
        switch self {
        case .noDataFolder:
            "no corpora given: pass --data DIR or set UNDERTONE_DATA to their folder"
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
