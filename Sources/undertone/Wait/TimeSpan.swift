// SPDX-License-Identifier: Apache-2.0

/// Reads durations as people write them: `500ms`, `2s`, `1.5m`, `1h`.
public enum TimeSpan {
    /// The longest that is accepted.
    public static let longest = Duration.seconds(7 * 24 * 3_600)

    private static let units: [(suffix: String, seconds: Double)] = [
        ("ms", 0.001), ("s", 1), ("m", 60), ("h", 3_600),
    ]

    /// The duration that `text` names, from 0 to ``longest``.
    ///
    /// - Throws: ``TimeSpanError``: no unit, no number, or out of range.
    public static func parse(_ text: String) throws(TimeSpanError) -> Duration {
        guard let unit = units.first(where: { text.hasSuffix($0.suffix) }) else {
            throw TimeSpanError(text: text, isNumber: Double(text) != nil)
        }
        let digits = text.dropLast(unit.suffix.count)
        // `Double` would also take "0x10", "inf" and "1e3".
        let isPlain = digits.allSatisfy { $0.isASCII && $0.isNumber || $0 == "." }
        guard isPlain, let value = Double(digits) else { throw TimeSpanError(text: text, isNumber: false) }
        let seconds = value * unit.seconds
        guard seconds <= longest / .seconds(1) else { throw TimeSpanError(text: text, isNumber: false) }
        return .seconds(seconds)
    }
}

/// A text that is no duration.
public struct TimeSpanError: Error, Equatable, CustomStringConvertible {
    let text: String
    let isNumber: Bool

    /// One sentence for people.
    public var description: String {
        isNumber
            ? "'\(text)' has no unit; write 500ms, 2s, 1m or 1h"
            : "'\(text)' is no duration up to a week; write 500ms, 2s, 1m or 1h"
    }
}
