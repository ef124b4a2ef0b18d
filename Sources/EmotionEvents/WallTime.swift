// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Time of day, in UTC. For display only: events are not ordered by it, since clocks jump.
public enum WallTime {
    /// Nanoseconds since 1970. Any thread; does not allocate.
    public static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// RFC 3339 with milliseconds, such as `2026-11-20T23:40:13.750Z`.
    public static func text(nanoseconds: Int64) -> String {
        let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        var time = time_t(seconds)
        var parts = tm()
        gmtime_r(&time, &parts)
        return digits(Int(parts.tm_year) + 1900, 4) + "-" + digits(Int(parts.tm_mon) + 1, 2)
            + "-" + digits(Int(parts.tm_mday), 2) + "T" + digits(Int(parts.tm_hour), 2)
            + ":" + digits(Int(parts.tm_min), 2) + ":" + digits(Int(parts.tm_sec), 2)
            + "." + digits(Int(rest) / 1_000_000, 3) + "Z"
    }

    /// Nanoseconds since 1970 of a text that ``text(nanoseconds:)`` could have written; nil for any other text.
    public static func nanoseconds(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        guard bytes.count == 24 else { return nil }
        func number(_ range: Range<Int>) -> Int? { Int(String(decoding: bytes[range], as: UTF8.self)) }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
            let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
            let milliseconds = number(20..<23)
        else { return nil }
        var parts = tm()
        (parts.tm_year, parts.tm_mon, parts.tm_mday) = (Int32(year - 1900), Int32(month - 1), Int32(day))
        (parts.tm_hour, parts.tm_min, parts.tm_sec) = (Int32(hour), Int32(minute), Int32(second))
        let found = Int64(timegm(&parts)) * 1_000_000_000 + Int64(milliseconds) * 1_000_000
        return self.text(nanoseconds: found) == text ? found : nil
    }

    private static func digits(_ value: Int, _ width: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }
}
