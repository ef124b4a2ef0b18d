// SPDX-License-Identifier: Apache-2.0

/// Parses one JSON text in one pass, from bytes to a value or an error.
///
/// Stricter than Foundation's decoder, which keeps the first of two equal names, so that two programs could read two models
/// from one file. Here a name may occur once, text must be valid UTF-8, numbers must be finite, and depth and size are bounded.
/// Reference: RFC 8259.
struct JSONReader {
    private let bytes: ArraySlice<UInt8>
    private let limits: JSONLimits
    private var position: Int
    private var valueCount = 0

    /// Parses `bytes` as exactly one value, with optional white space around it.
    static func read(_ bytes: ArraySlice<UInt8>, _ limits: JSONLimits) throws(JSONError) -> JSONValue {
        var reader = JSONReader(bytes, limits)
        let value = try reader.value(depth: 0)
        reader.skipSpace()
        if reader.position != bytes.endIndex { throw reader.error("text after the end of the value") }
        return value
    }

    private init(_ bytes: ArraySlice<UInt8>, _ limits: JSONLimits) {
        self.bytes = bytes
        self.limits = limits
        position = bytes.startIndex
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        valueCount += 1
        if valueCount > limits.values { throw error("more than \(limits.values) values") }
        skipSpace()
        switch peek {
        case UInt8(ascii: "{"): return .object(try object(depth: depth + 1))
        case UInt8(ascii: "["): return .array(try array(depth: depth + 1))
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case nil: throw error("the text ends before a value")
        default: return try number()
        }
    }

    private mutating func object(depth: Int) throws(JSONError) -> [String: JSONValue] {
        try enter(depth)
        var members: [String: JSONValue] = [:]
        if take("}") { return members }
        repeat {
            skipSpace()
            guard peek == UInt8(ascii: "\"") else { throw error("a name must be in quotes") }
            let name = try string()
            guard take(":") else { throw error("no colon after a name") }
            let value = try value(depth: depth)
            if members.updateValue(value, forKey: name) != nil {
                throw error("duplicate name '\(name.prefix(64))'")
            }
        } while take(",")
        guard take("}") else { throw error("unterminated object") }
        return members
    }

    private mutating func array(depth: Int) throws(JSONError) -> [JSONValue] {
        try enter(depth)
        var elements: [JSONValue] = []
        if take("]") { return elements }
        repeat { elements.append(try value(depth: depth)) } while take(",")
        guard take("]") else { throw error("unterminated array") }
        return elements
    }

    private mutating func enter(_ depth: Int) throws(JSONError) {
        if depth > limits.depth { throw error("nested deeper than \(limits.depth) levels") }
        position += 1
    }

    private mutating func word(_ text: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        let end = position + text.utf8CodeUnitCount
        let matches =
            end <= bytes.endIndex && text.withUTF8Buffer { bytes[position..<end].elementsEqual($0) }
        if !matches { throw error("an unknown word") }
        position = end
        return value
    }
}

extension JSONReader {
    private mutating func number() throws(JSONError) -> JSONValue {
        let start = position
        var isWhole = true
        _ = takeByte("-")
        if !takeByte("0"), digits() == 0 { throw error("neither a value nor a number") }
        if takeByte(".") {
            isWhole = false
            if digits() == 0 { throw error("no digit after the decimal point") }
        }
        if takeByte("e") || takeByte("E") {
            isWhole = false
            if !takeByte("+") { _ = takeByte("-") }
            if digits() == 0 { throw error("no digit in the exponent") }
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isWhole, let value = Int(text) { return .integer(value) }
        guard let value = Double(text), value.isFinite else { throw error("a number out of range") }
        return .number(value)
    }

    private mutating func digits() -> Int {
        let start = position
        while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        return position - start
    }

    private mutating func string() throws(JSONError) -> String {
        position += 1
        var text: [UInt8] = []
        while let byte = peek {
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let valid = String(validating: text, as: UTF8.self) else {
                    throw error("invalid UTF-8")
                }
                return valid
            case UInt8(ascii: "\\"): try escape(into: &text)
            case 0..<0x20: throw error("a control character in a text")
            default: text.append(byte)
            }
        }
        throw error("unterminated text")
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSONError) {
        guard let byte = peek else { throw error("unterminated text") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): text.append(contentsOf: String(try scalar()).utf8)
        default: throw error("an unknown escape")
        }
    }

    /// The character of `\uXXXX`, or of a surrogate pair.
    private mutating func scalar() throws(JSONError) -> Character {
        let first = try codeUnit()
        var code = UInt32(first)
        if UTF16.isLeadSurrogate(first) {
            guard takeByte("\\"), takeByte("u") else { throw error("half of a surrogate pair") }
            let second = try codeUnit()
            guard UTF16.isTrailSurrogate(second) else { throw error("half of a surrogate pair") }
            code = 0x10000 + ((UInt32(first) & 0x3FF) << 10 | UInt32(second) & 0x3FF)
        }
        guard let scalar = Unicode.Scalar(code) else { throw error("half of a surrogate pair") }
        return Character(scalar)
    }

    private mutating func codeUnit() throws(JSONError) -> UInt16 {
        guard position + 4 <= bytes.endIndex else { throw error("unterminated text") }
        let digits = bytes[position..<position + 4]
        let areHexadecimal = digits.allSatisfy { Character(Unicode.Scalar($0)).isHexDigit }
        guard areHexadecimal, let value = UInt16(String(decoding: digits, as: UTF8.self), radix: 16) else {
            throw error("four hexadecimal digits must follow \\u")
        }
        position += 4
        return value
    }

    private var peek: UInt8? { position < bytes.endIndex ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { position += 1 }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        return takeByte(character)
    }

    private mutating func takeByte(_ character: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private func error(_ reason: String) -> JSONError {
        JSONError(reason: reason, offset: position - bytes.startIndex)
    }
}

extension JSONValue {
    /// Parses one JSON text.
    ///
    /// - Throws: ``JSONError`` for anything that RFC 8259 does not allow, a duplicate name, a number out of range, or a text
    ///   beyond the limits.
    public init(parsing bytes: ArraySlice<UInt8>, limits: JSONLimits = .message) throws(JSONError) {
        self = try JSONReader.read(bytes, limits)
    }

    /// Same for an array of bytes.
    public init(parsing bytes: [UInt8], limits: JSONLimits = .message) throws(JSONError) {
        try self.init(parsing: bytes[...], limits: limits)
    }
}
