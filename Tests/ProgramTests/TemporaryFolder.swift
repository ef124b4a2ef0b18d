// SPDX-License-Identifier: Apache-2.0
import Foundation

/// A folder that `deinit` removes. Its path is short, since a Unix socket's may have 107 bytes.
final class TemporaryFolder: Sendable {
    let path: String

    init() {
        path = "/tmp/ut-" + UUID().uuidString.prefix(8).lowercased()
        try? FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func callAsFunction(_ name: String) -> String { path + "/" + name }

    func write(_ bytes: Data, to name: String) throws -> String {
        try bytes.write(to: URL(filePath: self(name)))
        return self(name)
    }

    func write(_ text: String, to name: String) throws -> String { try write(Data(text.utf8), to: name) }
}
