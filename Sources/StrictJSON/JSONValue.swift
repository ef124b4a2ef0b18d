// SPDX-License-Identifier: Apache-2.0

/// A value in a JSON text.
public enum JSONValue: Sendable, Equatable {
    /// `null`
    case null
    /// `true` or `false`
    case bool(Bool)
    /// A number without fraction or exponent that fits in 64 bits.
    case integer(Int)
    /// Any other finite number.
    case number(Double)
    /// Text without its quotes and escapes.
    case string(String)
    /// Elements in order.
    case array([JSONValue])
    /// Members; no two have the same name.
    case object([String: JSONValue])

    /// The member of an object; nil if this is not an object or has no such member.
    public subscript(name: String) -> JSONValue? {
        if case .object(let members) = self { members[name] } else { nil }
    }

    /// The text, if this is text.
    public var string: String? { if case .string(let text) = self { text } else { nil } }

    /// The number, if this is one.
    public var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    /// The integer, exact at any size; also if it is written as `1e3` or `1.0`.
    package var exactInteger: Int? {
        switch self {
        case .integer(let value): value
        case .number(let value): Int(exactly: value)
        default: nil
        }
    }

    /// The number, if it is written without fraction or exponent.
    package var literalInteger: Int? { if case .integer(let value) = self { value } else { nil } }

    /// The number, if it is whole and exact (at most 2^53 in magnitude).
    public var integer: Int? {
        guard let number, abs(number) <= 9_007_199_254_740_992, number == number.rounded() else { return nil }
        return Int(number)
    }

    /// The boolean, if this is one.
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }

    /// The elements, if this is an array.
    public var array: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }

    /// The members, if this is an object.
    public var object: [String: JSONValue]? { if case .object(let members) = self { members } else { nil } }

    /// A text, number or boolean as a user would write it in a configuration; nil for other values.
    package var plainText: String? {
        switch self {
        case .string(let text): text
        case .bool(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .number(let value): integer.map(String.init) ?? "\(value)"
        case .null, .array, .object: nil
        }
    }

    /// The type, for error messages: "a number", "an object".
    package var kind: String {
        switch self {
        case .null: "null"
        case .bool: "true or false"
        case .integer, .number: "a number"
        case .string: "text"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

/// The error for a text that is not JSON, or is JSON beyond the limits.
public struct JSONError: Error, Equatable, CustomStringConvertible {
    /// Description of the error.
    public let reason: String
    /// Its position, in bytes from the start.
    public let offset: Int

    /// One sentence for users.
    public var description: String { "\(reason) at byte \(offset)" }
}

/// Bounds on a JSON text, so that its sender cannot exhaust stack or memory.
public struct JSONLimits: Sendable, Equatable {
    /// Maximum nesting of arrays and objects.
    public var depth: Int
    /// Maximum number of values, including those in arrays and objects.
    public var values: Int

    /// Limits for one message of a protocol: 8 levels, any number of values.
    public static let message = JSONLimits(depth: 8)

    /// Creates both limits.
    public init(depth: Int, values: Int = .max) {
        self.depth = depth
        self.values = values
    }
}
