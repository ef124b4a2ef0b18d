// SPDX-License-Identifier: Apache-2.0

/// A value as it stands in a JSON text.
public enum JSONValue: Sendable, Equatable {
    /// `null`
    case null
    /// `true` or `false`
    case bool(Bool)
    /// A finite number.
    case number(Double)
    /// Text without its quotes and escapes.
    case string(String)
    /// Elements in order.
    case array([JSONValue])
    /// Members; no two have the same name.
    case object([String: JSONValue])

    /// The member of an object, or nil if this is no object or has no such member.
    public subscript(name: String) -> JSONValue? {
        if case .object(let members) = self { members[name] } else { nil }
    }

    /// The text, if this is text.
    public var string: String? { if case .string(let text) = self { text } else { nil } }

    /// The number, if this is one.
    public var number: Double? { if case .number(let value) = self { value } else { nil } }

    /// The number, if it is whole and exact (at most 2^53 in magnitude).
    public var integer: Int? {
        guard let number, abs(number) <= 9_007_199_254_740_992, number == number.rounded() else { return nil }
        return Int(number)
    }

    /// True or false, if this is one of them.
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }

    /// The elements, if this is an array.
    public var array: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }

    /// The members, if this is an object.
    public var object: [String: JSONValue]? { if case .object(let members) = self { members } else { nil } }

    /// A text, number, true or false as people would write it in a configuration; nil for anything else.
    var plainText: String? {
        switch self {
        case .string(let text): text
        case .bool(let value): "\(value)"
        case .number(let value): integer.map(String.init) ?? "\(value)"
        case .null, .array, .object: nil
        }
    }

    /// What it is, for error messages: "a number", "an object".
    var kind: String {
        switch self {
        case .null: "null"
        case .bool: "true or false"
        case .number: "a number"
        case .string: "text"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

/// Why a text is not JSON, or not JSON that we accept.
public struct JSONError: Error, Equatable, CustomStringConvertible {
    /// What is wrong.
    public let reason: String
    /// Where, in bytes from the start.
    public let offset: Int

    /// One sentence for people.
    public var description: String { "\(reason) at byte \(offset)" }
}
