// SPDX-License-Identifier: Apache-2.0

/// Numbers and times, formatted for people.
package enum Plain {
    /// `value` with `decimals` digits after the point.
    package static func number(_ value: Double, _ decimals: Int) -> String {
        guard value.isFinite, abs(value) < 1e12 else { return "-" }
        let scale = (0..<decimals).reduce(1) { scale, _ in scale * 10 }
        let scaled = Int((abs(value) * Double(scale)).rounded())
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard decimals > 0 else { return sign + String(scaled) }
        return sign + String(scaled / scale) + "." + pad(String(scaled % scale), decimals, "0")
    }

    /// A time in seconds as minutes, seconds and tenths: `00:01.2`, hours in front where there are any.
    package static func time(_ seconds: Double) -> String {
        guard seconds.isFinite, (0..<1e9).contains(seconds) else { return "--:--.-" }
        let tenths = Int(seconds * 10)
        let (hours, minutes, rest) = (tenths / 36_000, tenths / 600 % 60, tenths / 10 % 60)
        let clock = pad(String(minutes), 2, "0") + ":" + pad(String(rest), 2, "0") + "." + String(tenths % 10)
        return hours > 0 ? String(hours) + ":" + clock : clock
    }

    /// A number of things: `1 channel`, `2 channels`.
    package static func count(_ count: some BinaryInteger, _ thing: String) -> String {
        "\(count) \(thing)\(count == 1 ? "" : "s")"
    }

    /// A value for a message; an empty one becomes `''`.
    package static func quoted(_ value: String) -> String { value.isEmpty ? "''" : value }

    /// A size in memory: `12.3 MiB`.
    package static func bytes(_ count: Double) -> String { number(count / 1_048_576, 1) + " MiB" }

    /// `text` padded on the left to `width` characters.
    package static func pad(_ text: String, _ width: Int, _ filler: Character = " ") -> String {
        String(repeating: filler, count: max(0, width - text.count)) + text
    }

    /// `text` padded on the right to `width` characters.
    package static func padRight(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
