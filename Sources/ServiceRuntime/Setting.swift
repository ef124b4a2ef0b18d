// SPDX-License-Identifier: Apache-2.0

/// One setting of a program: its key, what it accepts, its default and its documentation.
///
/// The same row serves the file (`clients.max`), the environment (`UNDERTONE_CLIENTS_MAX`), the command line
/// (`--clients-max`), the checks and the help, so that a setting cannot be missing from one of them.
public struct Setting<Value: Sendable>: Sendable {
    /// Its row in the table of settings.
    public let row: SettingRow
    /// The default value.
    public let fallback: Value
    let parse: @Sendable (String) -> Value?

    private init(
        _ key: String,
        _ fallback: Value,
        shown: String,
        accepts: String,
        _ summary: String,
        parse: @escaping @Sendable (String) -> Value?
    ) {
        row = SettingRow(key: key, accepts: accepts, fallback: shown, summary: summary) { parse($0) != nil }
        self.fallback = fallback
        self.parse = parse
    }
}

extension Setting where Value == String {
    /// Any text except the empty one, which is treated as a forgotten value.
    public static func text(_ key: String, default fallback: String, shown: String? = nil, _ summary: String)
        -> Setting
    {
        Setting(key, fallback, shown: shown ?? fallback, accepts: "a text", summary) { $0.isEmpty ? nil : $0 }
    }

    /// One of a few words.
    public static func word(_ key: String, of words: [String], default fallback: String, _ summary: String)
        -> Setting
    {
        let accepts = "one of " + words.joined(separator: ", ")
        return Setting(key, fallback, shown: fallback, accepts: accepts, summary) {
            words.contains($0) ? $0 : nil
        }
    }
}

extension Setting where Value == Int {
    /// A whole number within `range`, or 0 if `orZero` is true.
    public static func integer(
        _ key: String,
        in range: ClosedRange<Int>,
        orZero: Bool = false,
        default fallback: Int,
        _ summary: String
    )
        -> Setting
    {
        let accepts =
            (orZero ? "0 or " : "") + "a whole number from \(range.lowerBound) to \(range.upperBound)"
        return Setting(key, fallback, shown: "\(fallback)", accepts: accepts, summary) { text in
            Int(text).flatMap { range.contains($0) || orZero && $0 == 0 ? $0 : nil }
        }
    }
}

extension Setting where Value == Double {
    /// A finite number within `range`.
    public static func number(
        _ key: String,
        in range: ClosedRange<Double>,
        default fallback: Double,
        _ summary: String
    )
        -> Setting
    {
        let accepts = "a number from \(range.lowerBound) to \(range.upperBound)"
        return Setting(key, fallback, shown: "\(fallback)", accepts: accepts, summary) { text in
            Double(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }
}

extension Setting where Value == Bool {
    /// One of the words of ``FlagWord``.
    public static func flag(_ key: String, default fallback: Bool, _ summary: String) -> Setting {
        Setting(key, fallback, shown: "\(fallback)", accepts: FlagWord.accepted, summary) {
            FlagWord.value(of: $0)
        }
    }
}

/// One row of the table of settings, independent of the value's type.
public struct SettingRow: Sendable {
    /// Section and name, joined by a dot; the section may be missing.
    public let key: String
    /// The values that it accepts, as the end of "must be …".
    public let accepts: String
    /// The default, as written in the file.
    public let fallback: String
    /// Its purpose, one sentence.
    public let summary: String
    package let isValid: @Sendable (String) -> Bool

    /// Section and name, separated.
    var path: [String] { key.split(separator: ".").map(String.init) }

    /// The option on the command line.
    public var option: String { "--" + String(key.map { $0 == "." || $0 == "_" ? "-" : $0 }) }

    /// The variable in the environment.
    public var variable: String {
        "UNDERTONE_" + key.uppercased().map { $0 == "." ? "_" : String($0) }.joined()
    }

    /// The lines for `--help`, at most 78 characters each.
    public var help: String {
        let words = "\(summary) \(accepts.capitalizedFirst); default: \(fallback).".split(separator: " ")
        let lines = words.reduce(into: [String]()) { lines, word in
            if let last = lines.last, last.count + word.count < 72 {
                lines[lines.count - 1] = last + " " + word
            } else {
                lines.append(String(word))
            }
        }
        return "  \(key)\n      \(option), $\(variable)\n"
            + lines.map { "      " + $0 }.joined(separator: "\n")
    }
}

extension String {
    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
