// SPDX-License-Identifier: Apache-2.0

/// A file that must be refused, and a part of the message.
struct HostileFile: CustomStringConvertible, Sendable {
    let description: String
    let reason: String
    let bytes: [UInt8]

    /// A file with this header, followed by `body` zero bytes.
    init(_ description: String, _ header: String, body: Int = 8, says reason: String) {
        self.init(
            description,
            bytes: tensorFile(header, body: Array(repeating: 0, count: body)),
            says: reason
        )
    }

    init(_ description: String, bytes: [UInt8], says reason: String) {
        self.description = description
        self.reason = reason
        self.bytes = bytes
    }
}

func tensorFile(_ header: String, claiming length: UInt64? = nil, body: [UInt8]) -> [UInt8] {
    let text = Array(header.utf8)
    return (0..<8).map { UInt8(truncatingIfNeeded: (length ?? UInt64(text.count)) >> (8 * $0)) } + text + body
}

private func described(_ shape: String, _ offsets: String, type: String = "F32") -> String {
    #"{"dtype":"\#(type)","shape":\#(shape),"data_offsets":\#(offsets)}"#
}

private func one(_ shape: String, _ offsets: String, type: String = "F32") -> String {
    "{\"a\":" + described(shape, offsets, type: type) + "}"
}

extension HostileFile {
    private static let nan: [UInt8] = [0, 0, 0xC0, 0x7F, 0, 0, 0, 0]
    private static let infinity: [UInt8] = [0, 0, 0, 0, 0, 0, 0x80, 0xFF]

    static let all: [HostileFile] = lengths + texts + names + shapes + offsets + values

    private static let lengths = [
        HostileFile("empty file", bytes: [], says: "first eight bytes"),
        HostileFile("seven bytes", bytes: [1, 0, 0, 0, 0, 0, 0], says: "first eight bytes"),
        HostileFile("length of 2^63", bytes: tensorFile("{}", claiming: 1 << 63, body: []), says: "would be"),
        HostileFile("length of 2^64-1", bytes: tensorFile("{}", claiming: .max, body: []), says: "would be"),
        HostileFile(
            "length over the limit",
            bytes: tensorFile("{}", claiming: 1 << 21, body: []),
            says: "would be"
        ),
        HostileFile(
            "length over the file",
            bytes: tensorFile("{}", claiming: 3, body: []),
            says: "inside its header"
        ),
        HostileFile("length of zero", bytes: tensorFile("", body: []), says: "brace"),
    ]

    private static let texts = [
        HostileFile("spaces before the brace", "  {}", body: 0, says: "brace"),
        HostileFile("a list", "[]", body: 0, says: "brace"),
        HostileFile("unfinished", #"{"a":"#, says: "ends before a value"),
        HostileFile("text after the end", "{} x", body: 0, says: "after the end"),
        HostileFile("zero bytes after the end", "{}\0", body: 0, says: "after the end"),
        HostileFile(
            "nested 100000 deep",
            "{\"a\":" + String(repeating: "[", count: 100_000),
            says: "nested deeper"
        ),
        HostileFile(
            "more values than can be",
            "{\"a\":[" + String(repeating: "0,", count: 100_001) + "0]}",
            says: "more than 100000 values"
        ),
        HostileFile("a comment", "{/**/}", body: 0, says: "in quotes"),
        HostileFile(
            "a trailing comma",
            "{\"a\":" + described("[2]", "[0,8]") + ",}",
            says: "in quotes"
        ),
        HostileFile(
            "names that are not UTF-8",
            bytes: tensorFile("", claiming: 6, body: Array("{\"".utf8) + [0xFF] + Array("\":}".utf8)),
            says: "UTF-8"
        ),
        HostileFile("metadata that is no table", #"{"__metadata__":[]}"#, body: 0, says: "metadata"),
        HostileFile("metadata with a number", #"{"__metadata__":{"a":1}}"#, body: 0, says: "metadata"),
    ]

    private static let names = [
        HostileFile(
            "a name twice",
            "{\"a\":\(described("[1]", "[0,4]")),\"a\":\(described("[1]", "[4,8]"))}",
            says: "duplicate name"
        ),
        HostileFile(
            "a name twice by escapes",
            "{\"a\":\(described("[1]", "[0,4]")),\"\\u0061\":\(described("[1]", "[4,8]"))}",
            says: "duplicate name"
        ),
        HostileFile(
            "a field twice",
            #"{"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
            says: "duplicate name"
        ),
        HostileFile("a field too few", #"{"a":{"dtype":"F32","shape":[2]}}"#, says: "not described"),
        HostileFile(
            "a field too many",
            #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"path":"/etc/passwd"}}"#,
            says: "not described"
        ),
        HostileFile("a tensor that is a number", #"{"a":1}"#, says: "not described"),
        HostileFile(
            "100000 tensors",
            "{"
                + (0..<4097).map { "\"\($0)\":\(described("[1]", "[\(4 * $0),\(4 * $0 + 4)]"))" }.joined(
                    separator: ","
                ) + "}",
            body: 4 * 4097,
            says: "more tensors"
        ),
    ]

    private static let shapes = [
        HostileFile("another type", one("[4]", "[0,8]", type: "F16"), says: "32-bit"),
        HostileFile("an unknown type", one("[2]", "[0,8]", type: "F32\\u0000"), says: "32-bit"),
        HostileFile("a negative size", one("[-2]", "[0,8]"), says: "does not fill"),
        HostileFile("two negative sizes", one("[-1,-2]", "[0,8]"), says: "does not fill"),
        HostileFile("a size of zero", one("[0]", "[0,0]"), body: 0, says: "does not fill"),
        HostileFile("a size that is no whole number", one("[2.0]", "[0,8]"), says: "whole numbers"),
        HostileFile("a size out of range", one("[18446744073709551618]", "[0,8]"), says: "whole numbers"),
        HostileFile("a size with an exponent", one("[2e0]", "[0,8]"), says: "whole numbers"),
        HostileFile("a size that is text", one(#"["2"]"#, "[0,8]"), says: "whole numbers"),
        HostileFile(
            "a product that wraps to 4",
            one("[4194305,4194305,211106198978564]", "[0,8]"),
            says: "does not fill"
        ),
        HostileFile(
            "a byte count that wraps to 8",
            one("[4611686018427387906]", "[0,8]"),
            says: "does not fill"
        ),
        HostileFile("nine dimensions", one("[1,1,1,1,1,1,1,1,2]", "[0,8]"), says: "9 dimensions"),
        HostileFile("a shape larger than its bytes", one("[3]", "[0,8]"), says: "does not fill"),
    ]

    private static let offsets = [
        HostileFile("offsets backwards", one("[2]", "[8,0]"), says: "no range"),
        HostileFile("a negative offset", one("[4]", "[-8,8]"), says: "no range"),
        HostileFile("three offsets", one("[2]", "[0,4,8]"), says: "no range"),
        HostileFile("offsets beyond the end", one("[2]", "[8,16]"), says: "gap or overlaps"),
        HostileFile("offsets at 2^62", one("[2]", "[4611686018427387904,4611686018427387912]"), says: "gap"),
        HostileFile(
            "overlapping tensors",
            "{\"a\":\(described("[2]", "[0,8]")),\"b\":\(described("[1]", "[4,8]"))}",
            says: "overlaps"
        ),
        HostileFile(
            "two tensors in one place",
            "{\"a\":\(described("[2]", "[0,8]")),\"b\":\(described("[2]", "[0,8]"))}",
            says: "overlaps"
        ),
        HostileFile(
            "a hole",
            "{\"a\":\(described("[1]", "[0,4]")),\"b\":\(described("[1]", "[8,12]"))}",
            body: 12,
            says: "gap"
        ),
        HostileFile("bytes after the last tensor", one("[1]", "[0,4]"), says: "8 bytes of numbers where 4"),
        HostileFile("no tensor but a body", "{}", says: "8 bytes of numbers where 0"),
        HostileFile("too short a body", one("[2]", "[0,8]"), body: 7, says: "7 bytes of numbers where 8"),
    ]

    private static let values = [
        HostileFile("NaN", bytes: tensorFile(one("[2]", "[0,8]"), body: nan), says: "not finite"),
        HostileFile(
            "infinity",
            bytes: tensorFile(one("[2]", "[0,8]"), body: infinity),
            says: "not finite"
        ),
    ]
}
