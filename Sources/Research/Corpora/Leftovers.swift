// SPDX-License-Identifier: Apache-2.0
package import Foundation
import PlainText

/// Temporary files of processes that were killed while they wrote.
package enum Leftovers {
    /// Removes from `folder` the temporary files of feature tables and of Foundation's atomic writing whose processes have
    /// ended: no process with their number runs here, and no process anywhere has locked them.
    package static func remove(in folder: URL) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        for name in names {
            guard let process = tableWriter(name) ?? atomicWriter(name), hasEnded(process) else { continue }
            removeUnlocked(folder.appending(path: name).path)
        }
    }

    /// True if no process with this number runs here.
    package static func hasEnded(_ process: pid_t) -> Bool {
        process > 0 && kill(process, 0) != 0 && errno == ESRCH
    }

    /// Removes `path` and everything below it, with any bytes in names; links are removed and not followed.
    package static func removeTree(_ path: String) {
        PathText.withPath(path) { removeTree(Array(UnsafeBufferPointer(start: $0, count: strlen($0)))) }
    }

    private static func removeTree(_ path: [CChar]) {
        var status = stat()
        let name = path + [0]
        guard lstat(name, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            unlink(name)
            return
        }
        for entry in entries(of: name) { removeTree(path + [CChar(bitPattern: UInt8(ascii: "/"))] + entry) }
        rmdir(name)
    }

    private static func entries(of folder: [CChar]) -> [[CChar]] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [[CChar]] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                bytes.prefix { $0 != 0 }.map { CChar(bitPattern: $0) }
            }
            let dot = CChar(bitPattern: UInt8(ascii: "."))
            if name != [dot], name != [dot, dot] { names.append(name) }
        }
        return names
    }

    /// `.NAME.features.PROCESS`, see ``TableWriter``.
    private static func tableWriter(_ name: String) -> pid_t? {
        let parts = name.components(separatedBy: ".features.")
        return name.hasPrefix(".") && parts.count == 2 ? pid_t(parts[1]) : nil
    }

    /// `.dat.nosyncPROCESS.XXXXXX`, the process in hexadecimal digits.
    private static func atomicWriter(_ name: String) -> pid_t? {
        let start = ".dat.nosync"
        guard name.hasPrefix(start) else { return nil }
        return pid_t(name.dropFirst(start.count).prefix { $0 != "." }, radix: 16)
    }

    private static func removeUnlocked(_ path: String) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { unlink(path) }
    }
}
