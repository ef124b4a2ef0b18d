// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Writes files atomically: temporary file, fsync, rename, fsync of the folder.
public enum AtomicFile {
    /// Replaces the file at `path` by `bytes`, or leaves it unchanged and throws.
    ///
    /// - Throws: ``ModelError/unwritable(path:reason:)``, also where `path` is a folder, a device, a pipe or a socket: renaming
    ///   would replace it.
    public static func write(_ bytes: [UInt8], to path: String) throws(ModelError) {
        if Paths.isSpecial(path) {
            throw .unwritable(path: path, reason: "it is not a regular file; name another one")
        }
        let temporary = "\(path).\(getpid()).tmp"
        do throws(ModelError) {
            try writeDurably(bytes, to: temporary)
        } catch {
            Paths.unlink(temporary)
            throw error
        }
        guard Paths.rename(temporary, path) == 0 else {
            let reason = systemMessage(errno)
            Paths.unlink(temporary)
            throw .unwritable(path: path, reason: reason)
        }
        try synchronizeFolder(parent(of: path))
    }

    static func writeDurably(_ bytes: [UInt8], to path: String) throws(ModelError) {
        let file = Paths.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw .unwritable(path: path, reason: systemMessage(errno)) }
        defer { close(file) }
        let isWritten = bytes.withUnsafeBytes { bytes in
            var done = 0
            while done < bytes.count {
                let count = Glibc.write(file, bytes.baseAddress.map { $0 + done }, bytes.count - done)
                if count < 0 && errno == EINTR { continue }
                if count <= 0 { return false }
                done += count
            }
            return true
        }
        guard isWritten, fsync(file) == 0 else { throw .unwritable(path: path, reason: systemMessage(errno)) }
    }

    static func synchronizeFolder(_ path: String) throws(ModelError) {
        let folder = Paths.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw .unwritable(path: path, reason: systemMessage(errno)) }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw .unwritable(path: path, reason: systemMessage(errno)) }
    }

    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
