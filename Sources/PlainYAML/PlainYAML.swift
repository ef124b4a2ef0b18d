// SPDX-License-Identifier: Apache-2.0
package import Yams

/// The part of YAML that configurations and recipes are written in: keys, lists and values, in UTF-8.
package enum PlainYAML {
    /// The document in `text`; nil if there is none.
    ///
    /// - Throws: ``AliasError`` or `YamlError`.
    package static func compose(_ text: String) throws -> Node? {
        guard !mayHoldAlias(text) else { throw AliasError() }
        // A value's kind is decided by who reads it: `no` and 0x10 are texts until somebody wants something else.
        return try Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot()
    }

    /// A key as it is in a document of ``compose(_:)``, to look it up.
    package static func key(_ name: String) -> Node { Node(name, Tag(.implicit, .basic)) }

    /// An alias (`*name`) means nothing without its anchor (`&name`).
    private static func mayHoldAlias(_ text: String) -> Bool {
        mayHold(UInt8(ascii: "*"), text) && mayHold(UInt8(ascii: "&"), text)
    }

    /// Whether `sign` stands where an alias or an anchor could begin, with a name behind it; also within quotes and
    /// comments, where it could not: who looks for those may be led astray by what is written.
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

    /// White space, the ends of lines that YAML knows outside of ASCII, and the signs that begin a value.
    private static func mayPrecede(_ byte: UInt8, _ before: UInt8) -> Bool {
        if " \t\r\n,[{".utf8.contains(byte) || byte >= 0x80 { return true }
        // As in {"key":*name}; after another letter the colon belongs to a text.
        return byte == UInt8(ascii: ":") && "\"']}".utf8.contains(before)
    }
}

/// Aliases of aliases stand for more values than any machine can compare, in a few hundred bytes; so none is read.
package struct AliasError: Error, CustomStringConvertible {
    /// The sentence without its subject, which is the file.
    package let description = "holds an alias (*name), which is not supported here; write the value out"
}
