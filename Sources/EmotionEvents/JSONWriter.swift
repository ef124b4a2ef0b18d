// SPDX-License-Identifier: Apache-2.0
import PlainText

/// Writes one JSON object as UTF-8 bytes, keys in the order of the calls.
///
/// Numbers that JSON cannot represent (NaN, infinity) become `null`, so that every line can be parsed.
/// The buffer is reused, since a daemon writes the same kind of line ten times a second for months.
public struct JSONWriter: Sendable {
    /// Bytes written so far.
    public private(set) var bytes: [UInt8] = []
    private var needsComma = false

    /// Creates an empty writer.
    public init() { bytes.reserveCapacity(512) }

    /// One object on a line of its own, with the fields that `body` writes.
    public static func line(_ body: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        writer.beginObject()
        body(&writer)
        writer.endObject()
        writer.endLine()
        return writer.text
    }

    /// Clears the bytes and keeps the memory.
    public mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        needsComma = false
    }

    /// The bytes as text.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Opens an object, the outermost or one under `key`.
    public mutating func beginObject(_ key: StaticString? = nil) {
        open(key, "{")
    }

    /// Closes the innermost object.
    public mutating func endObject() { close("}") }

    /// Opens an array under `key`.
    public mutating func beginArray(_ key: StaticString) { open(key, "[") }

    /// Opens an array under a key that is not known when the program is compiled.
    public mutating func beginArray(named key: String) {
        separate()
        quote(key)
        append(":[")
        needsComma = false
    }

    /// Closes the innermost array.
    public mutating func endArray() { close("]") }

    /// Ends the line.
    public mutating func endLine() {
        bytes.append(UInt8(ascii: "\n"))
        needsComma = false
    }

    /// A text value; quotes, backslashes and control characters are escaped.
    public mutating func field(_ key: StaticString, _ value: String) {
        name(key)
        quote(value)
    }

    /// A word without characters to escape.
    public mutating func field(_ key: StaticString, _ value: StaticString) {
        name(key)
        append("\"")
        append(value)
        append("\"")
    }

    /// An integer value.
    public mutating func field(_ key: StaticString, _ value: some BinaryInteger) {
        name(key)
        bytes.append(contentsOf: String(value).utf8)
    }

    /// A boolean value.
    public mutating func field(_ key: StaticString, _ value: Bool) {
        name(key)
        append(value ? "true" : "false")
    }

    /// A number with `decimals` digits after the point, or null if it is not finite.
    public mutating func field(_ key: StaticString, _ value: Double, decimals: Int) {
        name(key)
        number(value, decimals: decimals)
    }

    /// A number under a key that is not known when the program is compiled (a label).
    public mutating func field(named key: String, _ value: Double, decimals: Int) {
        separate()
        quote(key)
        append(":")
        number(value, decimals: decimals)
    }

    /// An explicit null.
    public mutating func null(_ key: StaticString) {
        name(key)
        append("null")
    }

    /// A text element of the innermost array.
    public mutating func element(_ value: String) {
        separate()
        quote(value)
    }

    /// A text under a key that is not known when the program is compiled.
    public mutating func field(named key: String, _ value: String) {
        separate()
        quote(key)
        append(":")
        quote(value)
    }

    /// Appends one line of JSON to the innermost array.
    public mutating func element(json: String) {
        separate()
        bytes.append(contentsOf: json.utf8)
    }

    /// A number element of the innermost array.
    public mutating func element(_ value: Double, decimals: Int) {
        separate()
        number(value, decimals: decimals)
    }

    private mutating func open(_ key: StaticString?, _ bracket: StaticString) {
        if let key { name(key) } else { separate() }
        append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: StaticString) {
        append(bracket)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { append(",") }
        needsComma = true
    }

    private mutating func name(_ key: StaticString) {
        separate()
        append("\"")
        append(key)
        append("\":")
    }

    private mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }
}

extension JSONWriter {
    private mutating func quote(_ value: String) {
        bytes.append(UInt8(ascii: "\""))
        if value.utf8.allSatisfy({ $0 < 0x80 }) {
            for byte in value.utf8 { escape(byte) }
        } else {
            for scalar in value.unicodeScalars { escape(scalar) }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Non-ASCII text may contain characters that a terminal interprets or hides; escaped, the value is the same and safe.
    private mutating func escape(_ scalar: Unicode.Scalar) {
        if scalar.isASCII {
            escape(UInt8(truncatingIfNeeded: scalar.value))
        } else if scalar.isHidden {
            bytes.append(contentsOf: scalar.jsonEscape.utf8)
        } else {
            bytes.append(contentsOf: UTF8.encode(scalar) ?? Unicode.UTF8.encodedReplacementCharacter)
        }
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            bytes.append(UInt8(ascii: "\\"))
            bytes.append(byte)
        case 0..<0x20, 0x7F:
            let digits = Array("0123456789abcdef".utf8)
            bytes.append(contentsOf: "\\u00".utf8)
            bytes.append(digits[Int(byte >> 4)])
            bytes.append(digits[Int(byte & 15)])
        default:
            bytes.append(byte)
        }
    }

    /// Fixed-point by integer arithmetic: shorter than a Float's shortest round trip, and of more constant length.
    private mutating func number(_ value: Double, decimals: Int) {
        let scale = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000][min(max(decimals, 0), 6)]
        guard value.isFinite, abs(value) < 1e12 else {
            bytes.append(contentsOf: "null".utf8)
            return
        }
        let scaled = Int((abs(value) * Double(scale)).rounded())
        if value < 0, scaled > 0 { bytes.append(UInt8(ascii: "-")) }
        bytes.append(contentsOf: String(scaled / scale).utf8)
        guard decimals > 0 else { return }
        bytes.append(UInt8(ascii: "."))
        let fraction = String(scaled % scale)
        bytes.append(contentsOf: String(repeating: "0", count: decimals - fraction.utf8.count).utf8)
        bytes.append(contentsOf: fraction.utf8)
    }
}
