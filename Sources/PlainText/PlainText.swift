// SPDX-License-Identifier: Apache-2.0

extension Unicode.Scalar {
    /// True for a scalar that a terminal interprets or that is invisible: control characters, escape, bidirectional
    /// controls, zero-width and other ignorable characters, line and paragraph separators, private use.
    ///
    /// Every program, log and socket of Undertone uses this one set. It excludes variation selectors: emoji need them, and
    /// they are visible. Reference: Unicode 16, general categories and Default_Ignorable_Code_Point.
    package var isHidden: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate: true
        default: properties.isDefaultIgnorableCodePoint && !(0xFE00...0xFE0F).contains(value)
        }
    }

    /// True for a scalar that ends a line or is a tab.
    fileprivate var isSpacing: Bool {
        (9...13).contains(value) || value == 0x85 || value == 0x2028 || value == 0x2029
    }

    private var hexadecimal: String { String(value, radix: 16) }

    /// The scalar in a form that is safe to display.
    fileprivate var plain: String {
        if isSpacing { return " " }
        if PathText.holdsByte(self) { return "\\x" + String(value & 0xFF, radix: 16) }
        return isHidden ? "\\u{" + hexadecimal + "}" : String(self)
    }

    /// The scalar as JSON escapes it in a string, in UTF-16 units.
    package var jsonEscape: String {
        UTF16.encode(self).map { units in
            units.map {
                "\\u" + String(repeating: "0", count: 4 - String($0, radix: 16).count) + String($0, radix: 16)
            }
            .joined()
        } ?? ""
    }
}

/// External text, made safe to display: hidden characters become visible as `\u{202e}`, a byte that is not UTF-8 as
/// `\xe9`, and line ends and tabs become spaces.
///
/// Names of devices, models, files, clients and labels pass through here before they reach a terminal or a log.
/// - Parameter keepsLines: true for a message of several lines, whose line ends are kept.
package func plainText(_ text: String, keepsLines: Bool = false) -> String {
    guard text.unicodeScalars.contains(where: \.isHidden) else { return text }
    return text.unicodeScalars.reduce(into: "") { plain, scalar in
        plain += keepsLines && scalar == "\n" ? "\n" : scalar.plain
    }
}

/// External JSON, made safe to display: the same values, with hidden characters escaped.
package func plainJSON(_ json: String) -> String {
    guard json.unicodeScalars.contains(where: { $0.isHidden && $0 != "\n" }) else { return json }
    return json.unicodeScalars.reduce(into: "") { plain, scalar in
        plain += scalar.isHidden && !scalar.isSpacing ? scalar.jsonEscape : String(scalar)
    }
}
