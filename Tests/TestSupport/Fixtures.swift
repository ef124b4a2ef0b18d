// SPDX-License-Identifier: Apache-2.0
public import Foundation

/// Paths of the files that tests read.
public enum Fixtures {
    /// The root of the repository.
    public static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// A file or folder under `Tests/Fixtures`.
    public static func url(_ path: String) -> URL { root.appending(path: "Tests/Fixtures/" + path) }

    /// Recordings in the repository: one RAVDESS actor, three emotions.
    public static let speech = ["angry", "happy", "sad"].map { url("speech/\($0).opus") }

    /// A folder of real corpora, if the environment names one in `UNDERTONE_DATA`.
    public static let corpora = ProcessInfo.processInfo.environment["UNDERTONE_DATA"].map {
        URL(filePath: $0)
    }
}
