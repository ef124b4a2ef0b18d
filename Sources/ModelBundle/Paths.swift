// SPDX-License-Identifier: Apache-2.0
import CModelFiles
import Glibc
import PlainText

/// System calls on file names that need not be UTF-8, represented as in `PathText`.
package enum Paths {
    static func open(_ path: String, _ flags: CInt, _ mode: mode_t = 0) -> CInt {
        PathText.withPath(path) { Glibc.open($0, flags, mode) }
    }

    @discardableResult
    static func rename(_ old: String, _ new: String, _ flags: UInt32 = 0) -> CInt {
        PathText.withPath(old) { old in
            PathText.withPath(new) { renameat2(AT_FDCWD, old, AT_FDCWD, $0, flags) }
        }
    }

    static func makeFolder(_ path: String, _ mode: mode_t) -> CInt {
        PathText.withPath(path) { mkdir($0, mode) }
    }

    static func unlink(_ path: String) { _ = PathText.withPath(path) { Glibc.unlink($0) } }

    static func removeFolder(_ path: String) { _ = PathText.withPath(path) { rmdir($0) } }

    /// The status of the file at `path`, following links; nil if there is none.
    static func status(_ path: String) -> stat? {
        var status = stat()
        return PathText.withPath(path) { stat($0, &status) } == 0 ? status : nil
    }

    /// True if `path` exists, following links, and is not a regular file.
    package static func isSpecial(_ path: String) -> Bool {
        status(path).map { $0.st_mode & S_IFMT != S_IFREG } ?? false
    }

    /// Names in the folder at `path`, without `.` and `..`; nil if it cannot be read.
    package static func names(in path: String) -> Set<String>? {
        guard let folder = PathText.withPath(path, { opendir($0) }) else { return nil }
        defer { closedir(folder) }
        var names: Set<String> = []
        while let entry = readdir(folder) {
            names.insert(withUnsafeBytes(of: &entry.pointee.d_name) { PathText.text($0.prefix { $0 != 0 }) })
        }
        return names.subtracting([".", ".."])
    }
}
