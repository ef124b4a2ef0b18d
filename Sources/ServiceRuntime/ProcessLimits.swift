// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Resource limits of this process.
public enum ProcessLimits {
    /// Raises the soft limit of open files to the hard one.
    public static func raiseOpenFiles() {
        var limit = rlimit()
        let kind = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(kind, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(kind, &limit)
    }

    /// Checks that `count` more files can be opened.
    ///
    /// - Throws: a failure that names the limit.
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

    /// Memory that this process may still allocate, in bytes, and the name of the limit; nil without a limit.
    public static func memoryLeft() -> (bytes: Int, limit: String)? {
        let lefts = [
            left(of: RLIMIT_AS, used: "VmSize:").map { (bytes: $0, limit: "ulimit -v") },
            left(of: RLIMIT_DATA, used: "VmData:").map { (bytes: $0, limit: "ulimit -d") },
            MemoryGroups.left().map { (bytes: $0, limit: "MemoryMax of its control group") },
        ]
        return lefts.compactMap { $0 }.min { $0.bytes < $1.bytes }
    }

    private static func left(of kind: __rlimit_resource, used: String) -> Int? {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(kind.rawValue), &limit) == 0, limit.rlim_cur < Int.max else {
            return nil
        }
        let kibibytes = SmallFile.number(of: "/proc/self/status", after: used) ?? 0
        return max(0, Int(limit.rlim_cur) - kibibytes << 10)
    }
}
