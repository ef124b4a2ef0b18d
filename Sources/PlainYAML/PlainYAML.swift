// SPDX-License-Identifier: Apache-2.0
package import Yams

/// The supported subset of YAML for configurations and recipes: keys, lists and values, in UTF-8.
package enum PlainYAML {
    /// Parses the document in `text`; nil if it is empty.
    ///
    /// - Throws: ``AliasError`` or `YamlError`.
    package static func compose(_ text: String) throws -> Node? {
        guard !mayHoldAlias(text) else { throw AliasError() }
        // The setting decides the type of a value: `no` and 0x10 are texts until then.
        return try Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot()
    }

    /// A node for looking up `name` in a document of ``compose(_:)``.
    package static func key(_ name: String) -> Node { Node(name, Tag(.implicit, .basic)) }

    /// True if both an alias (`*name`) and an anchor (`&name`) may occur; one without the other has no meaning.
    private static func mayHoldAlias(_ text: String) -> Bool {
        mayHold(UInt8(ascii: "*"), text) && mayHold(UInt8(ascii: "&"), text)
    }

    /// True if `sign` is where an alias or an anchor could begin, with a name after it. Also true within quotes and comments,
    /// since recognising those could be fooled by crafted input.
    private static func mayHold(_ sign: UInt8, _ text: String) -> Bool {
        var (beforeLast, last, here) = (UInt8(ascii: "\n"), UInt8(ascii: "\n"), UInt8(ascii: "\n"))
        for next in text.utf8 {
            if here == sign, isName(next), mayPrecede(last, beforeLast) { return true }
            (beforeLast, last, here) = (last, here, next)
        }
        return false
    }

    private static func isName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: byte >= 0x80
        }
    }

    /// White space, YAML's line ends outside ASCII, and the signs that begin a value.
    private static func mayPrecede(_ byte: UInt8, _ before: UInt8) -> Bool {
        if " \t\r\n,[{".utf8.contains(byte) || byte >= 0x80 { return true }
        // As in {"key":*name}; after another letter the colon is part of a text.
        return byte == UInt8(ascii: ":") && "\"']}".utf8.contains(before)
    }
}

/// A few hundred bytes of nested aliases represent more values than any machine can compare, so aliases are refused.
package struct AliasError: Error, CustomStringConvertible {
    /// The sentence without its subject, the file.
    package let description = "contains an alias (*name), which is not supported here; write the value out"
}
