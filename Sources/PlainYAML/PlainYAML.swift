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

    /// Whether `sign` stands where an alias or an anchor could begin; also within quotes, where it could not.
    private static func mayHold(_ sign: UInt8, _ text: String) -> Bool {
        var isComment = false
        var (last, beforeLast) = (UInt8(ascii: "\n"), UInt8(ascii: "\n"))
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\n") { isComment = false }
            if byte == UInt8(ascii: "#"), " \t\n".utf8.contains(last) { isComment = true }
            if byte == sign, !isComment {
                if " \t\r\n,[{".utf8.contains(last) { return true }
                // As in {"key":*name}; after another letter the colon belongs to a text.
                if last == UInt8(ascii: ":"), "\"']}".utf8.contains(beforeLast) { return true }
            }
            (beforeLast, last) = (last, byte)
        }
        return false
    }
}

/// Aliases of aliases stand for more values than any machine can compare, in a few hundred bytes; so none is read.
package struct AliasError: Error, CustomStringConvertible {
    /// The sentence without its subject, which is the file.
    package let description = "holds an alias (*name), which is not supported here; write the value out"
}
