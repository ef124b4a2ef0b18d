// SPDX-License-Identifier: Apache-2.0
public import Foundation

/// The folder with the corpora, each in a subfolder.
public struct DataFolder: Sendable {
    /// Location of the folder.
    public let url: URL

    /// The environment variable that names the folder if no option does.
    public static let variable = "UNDERTONE_DATA"

    /// The folder named by `option` (from `--data`), otherwise by `UNDERTONE_DATA`; there is no default.
    public init(
        option: String?,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(CorporaError) {
        guard let path = option ?? environment[Self.variable], !path.isEmpty else { throw .noDataFolder }
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw .unreadable(path: path, reason: "there is no such folder")
        }
        guard isFolder.boolValue else { throw .unreadable(path: path, reason: "it is a file, not a folder") }
        url = URL(filePath: path, directoryHint: .isDirectory)
    }

    /// Reads the corpus `name`.
    public func manifest(of name: String) throws(CorporaError) -> Manifest {
        try Manifest(folder: url.appending(path: name, directoryHint: .isDirectory))
    }
}
