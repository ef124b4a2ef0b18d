// SPDX-License-Identifier: Apache-2.0
import CProcess
import Glibc

/// Keeps the voice in this process's memory from reaching a disk or another process.
public enum ProcessPrivacy {
    /// Turns core dumps off in two ways: the limit covers dumps to a file, the flag dumps to a handler and ptrace.
    ///
    /// - Returns: false when the system refused; the caller warns and continues.
    public static func forbidDumps() -> Bool {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        let limited = setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none) == 0
        return process_forbid_dumps() == 0 && limited
    }
}
