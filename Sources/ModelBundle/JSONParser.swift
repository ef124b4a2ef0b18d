// SPDX-License-Identifier: Apache-2.0

/// Recursive descent over bytes; see `JSONValue` for what it refuses.
struct JSONParser {
    private let bytes: ArraySlice<UInt8>
    private var position: Int
    private var valueCount = 0

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    mutating func parse() throws(JSONValue.Fault) -> JSONValue {
        let value = try parseValue(depth: 0)
        skipWhitespace()
        guard position == bytes.endIndex else { throw fault("text after the end") }
        return value
    }

    private var current: UInt8? { position < bytes.endIndex ? bytes[position] : nil }

    private func fault(_ reason: String) -> JSONValue.Fault {
        JSONValue.Fault(offset: position - bytes.startIndex, reason: reason)
    }

    private mutating func skipWhitespace() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            position += 1
        }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard current == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func parseValue(depth: Int) throws(JSONValue.Fault) -> JSONValue {
        guard depth <= JSONValue.maximumDepth else { throw fault("nested too deep") }
        valueCount += 1
        guard valueCount <= JSONValue.maximumValueCount else { throw fault("too many values") }
        skipWhitespace()
        switch current {
        case UInt8(ascii: "{"): return try parseObject(depth: depth)
        case UInt8(ascii: "["): return try parseArray(depth: depth)
        case UInt8(ascii: "\""): return .string(try parseString())
        case UInt8(ascii: "t"): return try parseWord("true", as: .bool(true))
        case UInt8(ascii: "f"): return try parseWord("false", as: .bool(false))
        case UInt8(ascii: "n"): return try parseWord("null", as: .null)
        default: return try parseNumber()
        }
    }

    private mutating func parseWord(_ word: StaticString, as value: JSONValue) throws(JSONValue.Fault)
        -> JSONValue
    {
        guard bytes[position...].starts(with: "\(word)".utf8) else { throw fault("unknown word") }
        position += word.utf8CodeUnitCount
        return value
    }

    private mutating func parseObject(depth: Int) throws(JSONValue.Fault) -> JSONValue {
        position += 1
        var members: [String: JSONValue] = [:]
        skipWhitespace()
        if take("}") { return .object(members) }
        repeat {
            skipWhitespace()
            guard current == UInt8(ascii: "\"") else { throw fault("a key was expected") }
            let key = try parseString()
            guard members[key] == nil else { throw fault("the key \"\(key.prefix(64))\" is there twice") }
            skipWhitespace()
            guard take(":") else { throw fault("a colon was expected") }
            members[key] = try parseValue(depth: depth + 1)
            skipWhitespace()
        } while take(",")
        guard take("}") else { throw fault("a comma or closing brace was expected") }
        return .object(members)
    }

    private mutating func parseArray(depth: Int) throws(JSONValue.Fault) -> JSONValue {
        position += 1
        var elements: [JSONValue] = []
        skipWhitespace()
        if take("]") { return .array(elements) }
        repeat {
            elements.append(try parseValue(depth: depth + 1))
            skipWhitespace()
        } while take(",")
        guard take("]") else { throw fault("a comma or closing bracket was expected") }
        return .array(elements)
    }

    private mutating func skipDigits() -> Int {
        let start = position
        while let byte = current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        return position - start
    }

    private mutating func parseNumber() throws(JSONValue.Fault) -> JSONValue {
        let start = position
        var isWhole = true
        _ = take("-")
        let startsWithZero = current == UInt8(ascii: "0")
        let digitCount = skipDigits()
        guard digitCount > 0, digitCount == 1 || !startsWithZero else { throw fault("a value was expected") }
        if take(".") {
            isWhole = false
            guard skipDigits() > 0 else { throw fault("a digit was expected") }
        }
        if take("e") || take("E") {
            isWhole = false
            if !take("+") { _ = take("-") }
            guard skipDigits() > 0 else { throw fault("a digit was expected") }
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isWhole, let value = Int(text) { return .integer(value) }
        guard let value = Double(text), value.isFinite else { throw fault("the number is out of range") }
        return .number(value)
    }
}

// Strings.
extension JSONParser {
    private mutating func parseString() throws(JSONValue.Fault) -> String {
        position += 1
        var utf8: [UInt8] = []
        while let byte = current {
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: utf8, as: UTF8.self) else {
                    throw fault("text that is not UTF-8")
                }
                return text
            case UInt8(ascii: "\\"): utf8.append(contentsOf: String(try parseEscape()).utf8)
            case 0..<0x20: throw fault("a control character in a string")
            default: utf8.append(byte)
            }
        }
        throw fault("a string without end")
    }

    private mutating func parseEscape() throws(JSONValue.Fault) -> Unicode.Scalar {
        guard let byte = current else { throw fault("a string without end") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try parseScalar()
        default: throw fault("an unknown escape")
        }
    }

    /// The scalar after `\u`: four digits, or two times four that make a surrogate pair.
    private mutating func parseScalar() throws(JSONValue.Fault) -> Unicode.Scalar {
        let first = try parseFourDigits()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard (0xD800..<0xDC00).contains(first), take("\\"), take("u") else {
            throw fault("half a surrogate pair")
        }
        let second = try parseFourDigits()
        let value = 0x10000 + (first - 0xD800) << 10 + second &- 0xDC00
        guard (0xDC00..<0xE000).contains(second), let scalar = Unicode.Scalar(value) else {
            throw fault("half a surrogate pair")
        }
        return scalar
    }

    private mutating func parseFourDigits() throws(JSONValue.Fault) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = current, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw fault("a hexadecimal digit was expected")
            }
            value = value << 4 + UInt32(digit)
            position += 1
        }
        return value
    }
}
