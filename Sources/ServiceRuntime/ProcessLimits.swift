// SPDX-License-Identifier: Apache-2.0
import Glibc

/// What the system lets this process have.
public enum ProcessLimits {
    /// Raises the soft limit of open files to the hard one.
    public static func raiseOpenFiles() {
        var limit = rlimit()
        let kind = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(kind, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(kind, &limit)
    }

    /// Makes sure that `count` more files can be opened.
    ///
    /// - Throws: a sentence that names the limit.
    public static func requireOpenFiles(_ count: Int) throws(ProgramFailure) {
        var taken: [CInt] = []
        defer { for descriptor in taken { close(descriptor) } }
        while taken.count < count {
            let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else {
                throw ProgramFailure(
                    .other,
                    "only \(taken.count) more files can be opened, and \(count) are needed: "
                        + "\(String(cString: strerror(errno))); raise the limit (ulimit -n, LimitNOFILE)"
                )
            }
            taken.append(descriptor)
        }
    }

    /// Memory that this process may still take, in bytes, and the name of the limit; nil where there is none.
    public static func memoryLeft() -> (bytes: Int, limit: String)? {
        let lefts = [addressSpaceLeft().map { ($0, "ulimit -v") }, groupLeft().map { ($0, "MemoryMax") }]
        return lefts.compactMap { $0 }.min { $0.0 < $1.0 }.map { (bytes: $0.0, limit: $0.1) }
    }

    private static func addressSpaceLeft() -> Int? {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0, limit.rlim_cur < Int.max else {
            return nil
        }
        let pages = text(of: "/proc/self/statm")?.split(separator: " ").first.flatMap { Int($0) } ?? 0
        return max(0, Int(limit.rlim_cur) - pages * sysconf(Int32(_SC_PAGESIZE)))
    }

    /// The least that a control group of this process, or one above it, has left.
    private static func groupLeft() -> Int? {
        guard
            let line = text(of: "/proc/self/cgroup")?.split(separator: "\n").first(where: {
                $0.hasPrefix("0::")
            })
        else { return nil }
        var path = line.dropFirst(3)
        var least: Int?
        while true {
            let folder = "/sys/fs/cgroup" + (path == "/" ? "" : path)
            if let most = number(of: folder + "/memory.max"),
                let used = number(of: folder + "/memory.current")
            {
                // What files hold in memory is given back when it is needed.
                let left = max(
                    0,
                    most - used + (number(of: folder + "/memory.stat", after: "inactive_file ") ?? 0)
                )
                least = min(least ?? left, left)
            }
            guard let slash = path.lastIndex(of: "/"), path.count > 1 else { return least }
            path = path[..<slash]
        }
    }

    private static func number(of path: String, after word: String = "") -> Int? {
        text(of: path)?.split(separator: "\n").first { $0.hasPrefix(word) }.flatMap {
            Int($0.dropFirst(word.count))
        }
    }

    private static func text(of path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = read(descriptor, &bytes, bytes.count)
        return count < 0 ? nil : String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}
