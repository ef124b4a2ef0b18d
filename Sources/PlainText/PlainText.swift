// SPDX-License-Identifier: Apache-2.0

extension Unicode.Scalar {
    /// True for a scalar that a terminal obeys, or that a reader cannot see: control characters, escape, bidirectional
    /// controls, zero-width and other ignorable characters, line and paragraph separators, private use.
    ///
    /// Every program, log and socket of Undertone uses this one set. Variation selectors are left out: pictures need
    /// them, and they show. Reference: Unicode 16, general categories and Default_Ignorable_Code_Point.
    package var isHidden: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate: true
        default: properties.isDefaultIgnorableCodePoint && !(0xFE00...0xFE0F).contains(value)
        }
    }

    /// True for a scalar that ends a line or moves to a column.
    fileprivate var isSpacing: Bool {
        (9...13).contains(value) || value == 0x85 || value == 0x2028 || value == 0x2029
    }

    private var hexadecimal: String { String(value, radix: 16) }

    /// The scalar as a person may see it.
    fileprivate var plain: String {
        if isSpacing { return " " }
        if PathText.holdsByte(self) { return "\\x" + String(value & 0xFF, radix: 16) }
        return isHidden ? "\\u{" + hexadecimal + "}" : String(self)
    }

    /// The scalar as JSON writes it in a string, in UTF-16 units.
    package var jsonEscape: String {
        UTF16.encode(self).map { units in
            units.map {
                "\\u" + String(repeating: "0", count: 4 - String($0, radix: 16).count) + String($0, radix: 16)
            }
            .joined()
        } ?? ""
    }
}

/// Text from outside, on its way to a person: what is hidden becomes visible as `\u{202e}`, a byte that is not UTF-8 as
/// `\xe9`, and line ends and tabs become spaces.
///
/// Names of devices, models, files, clients and labels go through here before they reach a terminal or a log.
/// - Parameter keepsLines: true for a message of several lines, whose line ends stay.
package func plainText(_ text: String, keepsLines: Bool = false) -> String {
    guard text.unicodeScalars.contains(where: \.isHidden) else { return text }
    return text.unicodeScalars.reduce(into: "") { plain, scalar in
        plain += keepsLines && scalar == "\n" ? "\n" : scalar.plain
    }
}

/// JSON from outside, on its way to a terminal: the same values, with what is hidden in them escaped.
package func plainJSON(_ json: String) -> String {
    guard json.unicodeScalars.contains(where: { $0.isHidden && $0 != "\n" }) else { return json }
    return json.unicodeScalars.reduce(into: "") { plain, scalar in
        plain += scalar.isHidden && !scalar.isSpacing ? scalar.jsonEscape : String(scalar)
    }
}
