// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Resources that this process uses.
public struct ProcessStatistics: Sendable {
    /// User and system time of all threads, in seconds.
    public let cpuSeconds: Double
    /// Memory in RAM now, in bytes.
    public let residentBytes: Int
    /// Threads now.
    public let threadCount: Int

    /// Reads the current values. Any thread; a few system calls. Values missing in /proc are 0.
    public static func now() -> ProcessStatistics {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let fields = words(ofFile: "/proc/self/stat")
        return ProcessStatistics(
            cpuSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime),
            residentBytes: number(words(ofFile: "/proc/self/statm"), 1) * sysconf(Int32(_SC_PAGESIZE)),
            // Field 20 counted from 1; the program's name, field 2, contains no space in our programs.
            threadCount: number(fields, 19)
        )
    }

    private static func seconds(_ time: timeval) -> Double {
        Double(time.tv_sec) + Double(time.tv_usec) / 1_000_000
    }

    private static func number(_ words: [Substring], _ index: Int) -> Int {
        words.indices.contains(index) ? Int(words[index]) ?? 0 : 0
    }

    private static func words(ofFile path: String) -> [Substring] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 1_024)
        let count = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self).split(
            whereSeparator: \.isWhitespace
        )
    }
}
