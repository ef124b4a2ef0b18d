// SPDX-License-Identifier: Apache-2.0
import Glibc

/// The control groups that limit the memory of this process: its own and those above it, of either version of cgroup.
///
/// Reference: cgroups(7); the kernel's `cgroup-v2.rst` and `cgroup-v1/memory.rst`.
package enum MemoryGroups {
    /// The file names of one version of cgroup.
    private struct Files {
        let limit: String
        let used: String
        /// The line of `memory.stat` for cached file contents, which the kernel drops when memory is needed.
        let droppable: String
    }

    private static let second = Files(
        limit: "memory.max",
        used: "memory.current",
        droppable: "inactive_file "
    )
    private static let first = Files(
        limit: "memory.limit_in_bytes",
        used: "memory.usage_in_bytes",
        droppable: "total_inactive_file "
    )

    /// The smallest amount that any of the groups has left, in bytes; nil if none has a limit.
    ///
    /// - Parameters:
    ///   - root: mount point of the groups.
    ///   - memberships: the lines of `/proc/self/cgroup`; nil to read that file.
    package static func left(root: String = "/sys/fs/cgroup", memberships: String? = nil) -> Int? {
        let lines = (memberships ?? SmallFile.text(of: "/proc/self/cgroup") ?? "").split(separator: "\n")
        return lines.compactMap { line -> Int? in
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { return nil }
            if parts[1].isEmpty { return least(root, parts[2], second) }
            let isMemory = parts[1].split(separator: ",").contains("memory")
            return isMemory ? least(root + "/memory", parts[2], first) : nil
        }.min()
    }

    private static func least(_ mount: String, _ path: Substring, _ files: Files) -> Int? {
        var path = path == "/" ? "" : path
        var least: Int?
        while true {
            if let left = left(in: mount + path + "/", files) { least = min(least ?? left, left) }
            guard let slash = path.lastIndex(of: "/") else { return least }
            path = path[..<slash]
        }
    }

    private static func left(in folder: String, _ files: Files) -> Int? {
        // Version 1 writes "no limit" as the largest multiple of a page.
        guard let most = SmallFile.number(of: folder + files.limit), most < 1 << 60,
            let used = SmallFile.number(of: folder + files.used)
        else { return nil }
        return max(
            0,
            most - used + (SmallFile.number(of: folder + "memory.stat", after: files.droppable) ?? 0)
        )
    }
}

/// Short text files of the kernel.
enum SmallFile {
    /// The number at the beginning of the first line, or after `word` in the line that begins with it.
    static func number(of path: String, after word: String = "") -> Int? {
        text(of: path)?.split(separator: "\n").first { $0.hasPrefix(word) }.flatMap { line in
            line.dropFirst(word.count).split { $0 == " " || $0 == "\t" }.first.flatMap { Int($0) }
        }
    }

    /// The beginning of the file, at most 8 KiB; nil if it cannot be read.
    static func text(of path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 8_192)
        let count = read(descriptor, &bytes, bytes.count)
        return count < 0 ? nil : String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}
