// SPDX-License-Identifier: Apache-2.0

/// A piece of XML, which HTML pages and SVG drawings are both made of. All text in it is escaped.
package struct Markup: Sendable {
    /// The XML.
    package let text: String

    /// An element with attributes and content.
    package init(_ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ content: [Markup] = [])
    {
        let list = attributes.map { " \($0.key)=\"\(Self.escaped($0.value))\"" }.joined()
        text =
            content.isEmpty
            ? "<\(name)\(list)/>" : "<\(name)\(list)>\(content.map(\.text).joined())</\(name)>"
    }

    /// Text.
    package init(_ words: String) { text = Self.escaped(words) }

    private init(raw: String) { text = raw }

    /// An element that holds only words.
    package static func words(_ name: String, _ words: String) -> Markup {
        Markup(name, [:], [Markup(words)])
    }

    /// An element with attributes that holds only words.
    package static func words(
        _ name: String,
        _ attributes: KeyValuePairs<String, String>,
        _ words: String
    ) -> Markup {
        Markup(name, attributes, [Markup(words)])
    }

    /// A style sheet, which is ours and must stay as it is.
    package static func style(_ sheet: String) -> Markup { Markup(raw: "<style>\(sheet)</style>") }

    private static func escaped(_ words: String) -> String {
        var text = ""
        for character in words.unicodeScalars {
            switch character {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "\"": text += "&quot;"
            case "\n", "\t": text.unicodeScalars.append(character)
            // XML has no way to write the other control characters.
            case _ where character.value < 0x20: text += "\u{FFFD}"
            default: text.unicodeScalars.append(character)
            }
        }
        return text
    }
}

/// A number for a drawing: a tenth of a pixel is enough.
package func pixels(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths) % 10)"
}
